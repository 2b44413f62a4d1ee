import Figures
import Files
import Foundation
import Studies

/// The folder of a validation: `report.md`, `report.json`, `config.yaml`, `provenance.json` and the pictures with their data and scripts.
///
/// While it is unfinished it also holds what has been computed, and what that was computed from: the same validation goes on
/// with it.
public struct ValidationFolder {
  private let folder: OutputFolder

  /// What ``create(for:)`` leaves for whoever goes on.
  private static let identity = "identity.yaml"

  /// Names a new folder, or one that was not finished; nothing is written yet.
  ///
  /// - Throws: ``/Studies/UsageError`` if it exists, or if another process is at it.
  public init(_ path: String) throws {
    folder = try OutputFolder(continuing: path) { Self.isThere($0.appending(path: Self.identity)) }
  }

  /// Makes the folder under its unfinished name, so that one that cannot be made is known before hours of runs.
  ///
  /// - Parameter identity: of the validation, see ``Validator/identity``.
  /// - Throws: ``/Studies/UsageError`` if that cannot be, or if another validation was begun there.
  public func create(for identity: String) throws {
    let file = folder.working.appending(path: Self.identity)
    if Self.isThere(file) {
      let begun = String(decoding: try AtomicFile.read(file), as: UTF8.self)
      guard begun == identity else {
        throw UsageError(
          """
          '\(folder.working.path)' holds another validation, which was not finished: remove it, or name another folder. \
          What differs (- there, + now):
          \(lineDifference(begun, identity))
          """)
      }
    }
    try folder.create()
    try UsageError.preparing {
      try FileManager.default.createDirectory(at: runs, withIntermediateDirectories: true)
    }
    try folder.write(identity, to: Self.identity)
  }

  /// Where the runs are kept while it is unfinished.
  public var runs: URL { folder.working.appending(path: "runs", directoryHint: .isDirectory) }

  /// Where it is while it is unfinished.
  public var working: URL { folder.working }

  /// Removes what ``create(for:)`` made, unless there is something in it to go on from.
  ///
  /// - Returns: whether there is.
  public func discardUnlessBegun() -> Bool {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    if names.contains(where: { $0.hasSuffix(".run") }) { return true }
    folder.discard()
    return false
  }

  private static func isThere(_ file: URL) -> Bool { FileManager.default.fileExists(atPath: file.path) }

  /// Writes everything, the pictures last; the folder gets its name when it is complete.
  ///
  /// - Returns: where `report.md` is.
  /// - Throws: `FigureError`, errors of the file system.
  public func write(_ report: ValidationReport) throws -> URL {
    try folder.write(try report.settings.yaml, to: "config.yaml")
    try folder.write(report.markdown, to: "report.md")
    try folder.write(try report.json + "\n", to: "report.json")
    let provenance = Provenance()
    try folder.write(try provenance.json + "\n", to: "provenance.json")
    let writer = FigureWriter(folder: folder.working, provenance)
    for entry in report.entries {
      for (name, figure) in zip(entry.figureNames, entry.result.figures.map(\.figure)) {
        try writer.write(figure, name: name)
      }
    }
    try folder.complete()
    for name in ["runs", Self.identity] {
      try? FileManager.default.removeItem(at: folder.destination.appending(path: name))
    }
    return folder.destination.appending(path: "report.md")
  }
}
