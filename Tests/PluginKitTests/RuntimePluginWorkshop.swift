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
  /// long. The command-line tests run `make` itself.
  private func compileSwift(_ project: URL, _ name: String, to library: String) throws -> String {
    let sources = try swiftSources(project.appending(path: "Sources")).map(\.path)
    return try CompiledKit.shared.get().build(name, sources, to: library)
  }

  /// Builds a library from the text of one Swift file, which needs the kit only; its path.
  func build(_ name: String, _ text: String) throws -> String {
    let source = folder.appending(path: "\(name).swift")
    try Data(text.utf8).write(to: source)
    let library = folder.appending(path: "\(name)-swift.so").path
    let output = try CompiledKit.shared.get().build(name, [source.path], to: library)
    if output.contains("warning:") { throw BuildFailure(output: output) }
    return library
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

  struct BuildFailure: Error { let output: String }
}

/// The kit that `plugins new --language swift` copies, compiled once for all tests.
private struct CompiledKit {
  private let objects: [String]

  static let shared = Result { try CompiledKit() }
  private static let folder = FileManager.default.temporaryDirectory.appending(
    path: "phaseflow-kit-\(UUID().uuidString)")
  private static let common = ["swiftc", "-swift-version", "6", "-Onone", "-parse-as-library"]

  private init() throws {
    let folder = Self.folder
    atexit { try? FileManager.default.removeItem(at: CompiledKit.folder) }
    try PluginTemplate(.observer, name: "any", language: .swift).write(to: folder)
    let sources = folder.appending(path: "PhaseFlowPlugin/Sources")
    try Data("module CPluginABI { header \"phaseflow_plugin.h\" export * }".utf8)
      .write(to: sources.appending(path: "CPluginABI/include/module.modulemap"))
    var objects: [String] = []
    for module in ["ODECore", "Networks", "PhaseFlowPlugin"] {
      let object = folder.appending(path: "\(module).o").path
      let output = try run(
        Self.common + Self.places + ["-wmo", "-package-name", "kit", "-module-name", module]
          + ["-emit-module", "-emit-module-path", folder.appending(path: "\(module).swiftmodule").path]
          + ["-emit-object", "-o", object] + swiftSources(sources.appending(path: module)).map(\.path))
      if output.contains("warning:") { throw RuntimePluginWorkshop.BuildFailure(output: output) }
      objects.append(object)
    }
    self.objects = objects
  }

  /// Builds a library from Swift files; what the compiler says.
  func build(_ name: String, _ sources: [String], to library: String) throws -> String {
    try run(
      Self.common + Self.places + ["-module-name", "plugin_\(name.replacing("-", with: "_"))"]
        + ["-emit-library", "-o", library] + objects + sources)
  }

  private static var places: [String] {
    ["-I", folder.path, "-I", folder.appending(path: "PhaseFlowPlugin/Sources/CPluginABI/include").path]
  }
}

private func swiftSources(_ folder: URL) throws -> [URL] {
  try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".swift") }
    .sorted().map { folder.appending(path: $0) }
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
  guard process.terminationStatus == 0 else { throw RuntimePluginWorkshop.BuildFailure(output: output) }
  return output
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
