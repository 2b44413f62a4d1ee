import Figures
import Files
import Foundation
import Logging
import ODECore
import PluginKit

/// A comparison with its folder: `comparison.json`, `comparison.csv` and the work-precision diagrams.
public struct ComparisonStudy {
  /// What came of it.
  public struct Result {
    public let outcome: Comparison.Outcome
    /// The PNGs, if a folder was asked for.
    public let pictures: [URL]

    /// The reference and the table, which are also what is reported as the runs end.
    public let table: String

    /// What follows the table: a word on marked errors, the pictures' paths.
    public var remarks: String {
      let isMarked = outcome.entries.contains { $0.isUnresolved.contains(true) }
      let mark =
        "~ marks errors within twice the reference's own: a smaller --rtols or a --reference tells more"
      return ((isMarked ? [mark] : []) + pictures.map(\.path)).joined(separator: "\n")
    }
  }

  private let comparison: Comparison
  private let folder: OutputFolder?

  /// - Throws: ``UsageError`` if `out` exists.
  public init(_ comparison: Comparison, out: String?) throws {
    self.comparison = comparison
    folder = try out.map { try OutputFolder(new: $0) }
  }

  /// Compares, and fills the folder; the folder is made before the first run, so that the results have a place.
  ///
  /// - Throws: what ``Comparison/run(_:cancellation:report:)`` throws, ``UsageError``; then no folder is left.
  public func run(
    _ catalog: PluginCatalog, cancellation: Cancellation? = nil, report: (String) -> Void
  ) throws -> Result {
    try folder?.create()
    do {
      var lines: [String] = []
      let outcome = try comparison.run(catalog, cancellation: cancellation) {
        lines.append($0)
        report($0)
      }
      return Result(
        outcome: outcome, pictures: try folder.map { try write(outcome, to: $0) } ?? [],
        table: lines.joined(separator: "\n"))
    } catch {
      folder?.discard()
      throw error
    }
  }

  /// Writes everything and returns the PNGs.
  private func write(_ outcome: Comparison.Outcome, to folder: OutputFolder) throws -> [URL] {
    try folder.write(try comparison.configuration.yaml, to: "config.yaml")
    try folder.write(try outcome.json + "\n", to: "comparison.json")
    try folder.write(Self.csv(outcome), to: "comparison.csv")
    try folder.complete()
    let writer = FigureWriter(folder: folder.destination, outcome.provenance)
    do {
      return try outcome.measures.enumerated().map { i, measure in
        let name = "work-precision-\(measure.key.lowercased())"
        try writer.write(Self.figure(outcome, i), name: name)
        return folder.destination.appending(path: name + ".png")
      }
    } catch {
      Logger(label: "phaseflow").warning("no pictures: \(error)")
      return []
    }
  }

  private static func figure(_ outcome: Comparison.Outcome, _ measure: Int) -> Figure {
    var names: [String] = []
    for entry in outcome.entries where !names.contains(entry.integrator) { names.append(entry.integrator) }
    var figure = FigureLibrary.workPrecision(
      names.map { name in
        FigureLibrary.WorkPrecision(
          .plain(name),
          runs: outcome.entries.filter { $0.integrator == name }.compactMap { entry in
            entry.errors[measure].map {
              (
                seconds: entry.statistics.wallSeconds, evaluations: Double(entry.statistics.nfev),
                error: $0
              )
            }
          })
      }, errorLabel: .plain(outcome.measures[measure].label), title: .plain(outcome.problem))
    // Below this line the reference is no better than what it judges.
    if let reference = outcome.referenceErrors[measure] {
      for i in figure.panels.indices { figure.panels[i].guides.append(.horizontal(reference)) }
    }
    return figure
  }

  private static func csv(_ outcome: Comparison.Outcome) -> String {
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let keys = outcome.measures.map(\.key)
    return CSVText.table(
      ["integrator", "rtol", "stepScale", "returnCode", "accepted", "rejected", "nfev", "wallSeconds"]
        + keys.map { "error\($0)" } + keys.map { "isUnresolved\($0)" },
      outcome.entries.map { e in
        [
          e.integrator, text(e.rtol), text(e.stepScale), e.returnCode.rawValue,
          "\(e.statistics.accepted)", "\(e.statistics.rejected)", "\(e.statistics.nfev)",
          "\(e.statistics.wallSeconds)",
        ] + e.errors.map(text) + e.isUnresolved.map { "\($0)" }
      })
  }
}
