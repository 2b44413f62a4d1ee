import Foundation
import Networks
import PluginKit
import PluginTemplates

/// A temporary folder in which tests build plug-in libraries as their authors would.
final class RuntimePluginWorkshop {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "phaseflow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  // A loaded library stays mapped; its file may go.
  deinit { try? FileManager.default.removeItem(at: folder) }

  /// Writes the template and runs its Makefile; the library's path.
  func make(
    _ kind: PluginTemplate.Kind, _ name: String, _ language: PluginTemplate.Language
  ) throws -> String {
    let project = folder.appending(path: "\(name)-\(language.rawValue)")
    try PluginTemplate(kind, name: name, language: language).write(to: project)
    let library = project.appending(path: "\(name).so").path
    let output =
      switch language {
      case .c: try run(["make", "-C", project.path])
      case .swift: try compileSwift(project, name, to: library)
      }
    if output.contains("warning:") { throw BuildFailure(output: output) }
    return library
  }

  /// What `make` does in a folder with a Swift package, without the package manager, which takes many times as
  /// long: the small library as a module, then the plug-in. The command-line tests run `make` itself.
  private func compileSwift(_ project: URL, _ name: String, to library: String) throws -> String {
    let sdk = project.appending(path: "PhaseFlowPlugin/Sources")
    let headers = sdk.appending(path: "CPluginABI/include")
    try Data("module CPluginABI { header \"phaseflow_plugin.h\" export * }".utf8)
      .write(to: headers.appending(path: "module.modulemap"))
    func sources(_ folder: URL) throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
        .sorted().map { folder.appending(path: $0).path }
    }
    let common = ["swiftc", "-swift-version", "6", "-Onone", "-parse-as-library", "-I", headers.path]
    let object = project.appending(path: "sdk.o").path
    let first = try run(
      common + ["-wmo", "-emit-module", "-emit-object", "-module-name", "PhaseFlowPlugin", "-o", object]
        + ["-emit-module-path", project.appending(path: "PhaseFlowPlugin.swiftmodule").path]
        + sources(sdk.appending(path: "PhaseFlowPlugin")))
    let second = try run(
      common + ["-I", project.path, "-module-name", "plugin_\(name.replacing("-", with: "_"))"]
        + ["-emit-library", "-o", library, object] + sources(project.appending(path: "Sources")))
    return first + second
  }

  /// Compiles C text, which may include `phaseflow_plugin.h`, to a library; its path.
  func compile(_ name: String, _ source: String, flags: [String] = []) throws -> String {
    let header = try PluginTemplate(.activation, name: "header", language: .c).files[0]
    try Data(header.text.utf8).write(to: folder.appending(path: header.name))
    let file = folder.appending(path: "\(name).c")
    try Data(source.utf8).write(to: file)
    let library = folder.appending(path: "\(name).so").path
    _ = try run(["cc", "-std=c11", "-fPIC", "-shared", "-o", library, file.path] + flags)
    return library
  }

  /// The catalog with what `library` brings and nothing else.
  func load(_ library: String) throws -> PluginCatalog {
    var catalog = PluginCatalog()
    try PluginLibrary(library).register(in: &catalog)
    return catalog
  }

  private func run(_ command: [String]) throws -> String {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = command
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BuildFailure(output: output) }
    return output
  }

  struct BuildFailure: Error { let output: String }
}

/// An activation's value and derivatives at `z`.
func evaluate(
  _ activation: any Activation, _ z: [Double]
) -> (value: [Double], first: [Double], second: [Double]) {
  var value = [Double](repeating: .nan, count: z.count)
  var (first, second) = (value, value)
  var valueSpan = value.mutableSpan
  var firstSpan = first.mutableSpan
  activation.evaluate(z.span, value: &valueSpan, derivative: &firstSpan)
  var secondSpan = second.mutableSpan
  activation.secondDerivative(z.span, into: &secondSpan)
  return (value, first, second)
}

/// A loss's value and derivatives at `(f, y)`.
func evaluate(
  _ loss: any Loss, _ f: [Double], _ y: [Double]
) -> (value: [Double], first: [Double], second: [Double]) {
  var value = [Double](repeating: .nan, count: f.count)
  var (first, second) = (value, value)
  var valueSpan = value.mutableSpan
  var firstSpan = first.mutableSpan
  loss.evaluate(f.span, y.span, value: &valueSpan, derivative: &firstSpan)
  var secondSpan = second.mutableSpan
  loss.secondDerivative(f.span, y.span, into: &secondSpan)
  return (value, first, second)
}
