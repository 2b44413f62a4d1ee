import Foundation

/// The programs built beside the tests, run as a user would.
struct Program {
  struct Result {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  let name: String

  /// Where the test bundle and the programs lie.
  private static let folder: URL = {
    var folder = Bundle.main.bundleURL
    let files = FileManager.default
    while !files.isExecutableFile(atPath: folder.appending(path: "phaseflow").path),
      folder.pathComponents.count > 1
    {
      folder.deleteLastPathComponent()
    }
    return folder
  }()

  var url: URL { Self.folder.appending(path: name) }

  func process(_ arguments: [String], in folder: String? = nil) -> (Process, Pipe, Pipe) {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(filePath: folder) }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    return (process, output, errors)
  }

  func callAsFunction(_ arguments: String..., in folder: String? = nil) throws -> Result {
    try run(arguments, in: folder)
  }

  func run(_ arguments: [String], in folder: String? = nil) throws -> Result {
    let (process, output, errors) = process(arguments, in: folder)
    try process.run()
    // What these programs write fits into a pipe's buffer one after the other.
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Result(
      exitCode: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }
}

/// Calls `body` with a new folder, removed afterwards.
func withTemporaryFolder(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(path: "phaseflow-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder.path)
}
