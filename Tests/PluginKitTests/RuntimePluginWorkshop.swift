import Foundation
import GradientFlow
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
    let output = try run(["make", "-C", project.path])
    if output.contains("warning:") { throw BuildFailure(output: output) }
    return project.appending(path: "\(name).so").path
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
