import Figures
import Foundation

/// A folder of one input's files, in memory where the system has such a place.
enum Scratch {
  private static let root =
    FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()

  /// - Parameter files: written before `body` is called.
  static func with<T>(_ files: [String: [UInt8]] = [:], _ body: (URL) throws -> T) throws -> T {
    let folder = URL(filePath: root).appending(
      path: "phaseflow-fuzz-\(getpid())-\(UUID().uuidString.prefix(8))", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    for (name, bytes) in files {
      let file = folder.appending(path: name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
    return try body(folder)
  }

  /// Runs `body` in which no picture is drawn: gnuplot is not what is tried.
  static func withoutPictures<T>(_ body: () throws -> T) rethrows -> T {
    try Drawing.skipped(body)
  }

  /// All files below a folder, by their paths in it.
  static func files(in folder: URL) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
      files[name] = [UInt8](try Data(contentsOf: folder.appending(path: name)))
    }
    return files
  }
}
