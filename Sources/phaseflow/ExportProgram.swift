import Files
import Foundation
import Studies

/// A file format that somebody has written a program for: `phaseflow-export-NAME FOLDER FILE`, found on `PATH`, writes what the
/// folder of a run or a sweep holds to a new file. `docs/plugins.md` says what is promised to it.
struct ExportProgram {
  private static let prefix = "phaseflow-export-"
  let format: String
  private let path: String

  /// - Throws: `UsageError` if no folder of `PATH` has the program; it lists the formats that are there.
  init(format: String) throws {
    guard !format.isEmpty, !format.contains("/"),
      let path = Self.folders.map({ $0 + "/" + Self.prefix + format }).first(
        where: FileManager.default.isExecutableFile)
    else {
      let known =
        Self.formats.isEmpty ? "none is on PATH" : "on PATH are " + Self.formats.joined(separator: ", ")
      throw UsageError(
        "no format '\(format)'; \(known). A format is a program '\(Self.prefix)NAME'; the Python package brings hdf5, parquet and tensorboard"
      )
    }
    (self.format, self.path) = (format, path)
  }

  /// The formats whose programs are on `PATH`.
  static var formats: [String] {
    let names = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0)) ?? [] }
    return Set(names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }).sorted()
  }

  private static var folders: [String] {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
  }

  /// Runs the program beside `file` and puts what it wrote in its place.
  ///
  /// - Throws: `UsageError` if `file` exists; an error with exit code 1 if the program fails or writes nothing.
  func write(_ folder: String, to file: String) throws {
    guard !FileManager.default.fileExists(atPath: file) else { throw UsageError("'\(file)' exists") }
    let part = file + ".part"
    try? FileManager.default.removeItem(atPath: part)
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = [folder, part]
    try process.run()
    process.waitUntilExit()
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      try? FileManager.default.removeItem(atPath: part)
      throw ExportFailure(description: "'\(path)' failed with status \(process.terminationStatus)")
    }
    guard FileManager.default.fileExists(atPath: part) else {
      throw ExportFailure(description: "'\(path)' wrote no file")
    }
    try FileManager.default.moveItem(atPath: part, toPath: file)
  }
}

struct ExportFailure: Error, CustomStringConvertible {
  let description: String
}
