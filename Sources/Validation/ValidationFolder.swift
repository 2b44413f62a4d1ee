import Figures
import Foundation
import Studies

/// The folder of a validation: `report.md`, `report.json`, `config.yaml` and the pictures with their data and scripts.
public struct ValidationFolder {
  private let folder: OutputFolder

  /// Names a new folder; nothing is written yet.
  ///
  /// - Throws: ``/Studies/UsageError`` if it exists.
  public init(_ path: String) throws { folder = try OutputFolder(new: path) }

  /// Makes the folder under its unfinished name, so that one that cannot be made is known before hours of runs.
  ///
  /// - Throws: ``/Studies/UsageError`` if that cannot be.
  public func create() throws { try folder.create() }

  /// Removes what ``create()`` made.
  public func discard() { folder.discard() }

  /// Writes everything, the pictures last; the folder gets its name when it is complete.
  ///
  /// - Returns: where `report.md` is.
  /// - Throws: `FigureError`, errors of the file system.
  public func write(_ report: ValidationReport) throws -> URL {
    try folder.write(try report.settings.yaml, to: "config.yaml")
    try folder.write(report.markdown, to: "report.md")
    try folder.write(try report.json + "\n", to: "report.json")
    let writer = FigureWriter(folder: folder.working)
    for entry in report.entries {
      for (name, figure) in zip(entry.figureNames, entry.result.figures.map(\.figure)) {
        try writer.write(figure, name: name)
      }
    }
    try folder.complete()
    return folder.destination.appending(path: "report.md")
  }
}
