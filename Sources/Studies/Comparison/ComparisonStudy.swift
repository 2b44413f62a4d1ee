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
    /// What the comparison gave.
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
  /// The plug-in libraries that it needs.
  public var libraries: [String] { comparison.configuration.plugin }
  private let folder: OutputFolder?

  /// Goes on with the comparison in the folder `path`, interrupted or killed, or adds to a complete one: what is there is not run again.
  ///
  /// - Parameter extra: further integrators.
  /// - Throws: ``UsageError`` if there is none.
  public init(resuming path: String, adding extra: [String] = []) throws {
    let folder = try OutputFolder(resumingComparison: path)
    let record: Record
    let configuration: RunConfiguration
    do {
      record = try JSONDecoder().decode(Record.self, from: AtomicFile.read(folder.url("comparison.json")))
      configuration = try RunConfiguration(
        yaml: String(contentsOf: folder.url("config.yaml"), encoding: .utf8))
    } catch {
      throw UsageError("the comparison in '\(path)' cannot be read: \(error)")
    }
    var comparison = try Comparison(
      configuration, integrators: record.integrators + extra.filter { !record.integrators.contains($0) },
      rtols: record.rtols, reference: record.referenceState)
    comparison.finished = record.entries
    self.comparison = comparison
    self.folder = folder
  }

  /// What `comparison.json` says of what was asked for, and what there is of it.
  private struct Record: Decodable {
    let integrators: [String]
    let rtols: [Double]
    let referenceState: String?
    let entries: [Comparison.Entry]

    init(from decoder: any Decoder) throws {
      let c = try decoder.container(keyedBy: AnyKey.self)
      integrators = try c.decode([String].self, forKey: AnyKey("integrators"))
      rtols = try c.decode([Double].self, forKey: AnyKey("rtols"))
      referenceState = try c.decodeIfPresent(String.self, forKey: AnyKey("referenceState"))
      var list = try c.nestedUnkeyedContainer(forKey: AnyKey("entries"))
      let isNetwork = c.contains(AnyKey("referenceErrorRD"))
      let measures = isNetwork ? OutputTrace.measures : StatePath.measures
      var entries: [Comparison.Entry] = []
      while !list.isAtEnd {
        entries.append(try Comparison.Entry(list.nestedContainer(keyedBy: AnyKey.self), measures: measures))
      }
      self.entries = entries
    }
  }

  /// - Throws: ``UsageError`` if `out` exists.
  public init(_ comparison: Comparison, out: String?) throws {
    self.comparison = comparison
    folder = try out.map { try OutputFolder(new: $0) }
  }

  /// Compares, and fills the folder; the folder is made before the first run, so that the results have a place.
  ///
  /// - Throws: what ``Comparison`` throws, ``UsageError``; then no folder is left.
  public func run(
    _ catalog: PluginCatalog, cancellation: Cancellation? = nil, report: (String) -> Void
  ) throws -> Result {
    try folder?.create()
    var hasResults = !comparison.finished.isEmpty
    do {
      var lines: [String] = []
      let outcome = try comparison.run(
        catalog, cancellation: cancellation,
        keep: { outcome in
          guard let folder else { return }
          try folder.write(try comparison.configuration.yaml, to: "config.yaml")
          try folder.write(try json(outcome) + "\n", to: "comparison.json")
          hasResults = !outcome.entries.isEmpty
        }
      ) {
        lines.append($0)
        report($0)
      }
      return Result(
        outcome: outcome, pictures: try folder.map { try write(outcome, to: $0) } ?? [],
        table: lines.joined(separator: "\n"))
    } catch {
      // What took time to measure stays for the next attempt.
      if !hasResults { folder?.discard() }
      throw error
    }
  }

  /// Writes everything and returns the PNGs.
  private func write(_ outcome: Comparison.Outcome, to folder: OutputFolder) throws -> [URL] {
    try folder.write(try comparison.configuration.yaml, to: "config.yaml")
    try folder.write(try json(outcome) + "\n", to: "comparison.json")
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

  /// The outcome, and what was asked for.
  private func json(_ outcome: Comparison.Outcome) throws -> String {
    struct Kept: Encodable {
      let outcome: Comparison.Outcome
      let comparison: Comparison
      func encode(to encoder: any Encoder) throws {
        try outcome.encode(to: encoder)
        var c = encoder.container(keyedBy: AnyKey.self)
        try c.encode(comparison.integrators, forKey: AnyKey("integrators"))
        try c.encode(comparison.rtols, forKey: AnyKey("rtols"))
        try c.encodeIfPresent(
          comparison.reference.map { URL(filePath: $0).path }, forKey: AnyKey("referenceState"))
      }
    }
    return try JSONText.pretty(Kept(outcome: outcome, comparison: comparison))
  }

  private static func figure(_ outcome: Comparison.Outcome, _ measure: Int) -> Figure {
    var names: [String] = []
    for entry in outcome.entries where !names.contains(entry.integrator) { names.append(entry.integrator) }
    var figure = FigureLibrary.workPrecision(
      names.map { name in
        FigureLibrary.WorkPrecision(
          .plain(name),
          labels: outcome.entries.filter { $0.integrator == name && $0.errors[measure] != nil }.map(setting),
          runs: outcome.entries.filter { $0.integrator == name }.compactMap { entry in
            entry.errors[measure].map {
              (
                seconds: entry.statistics.wallSeconds, evaluations: Double(entry.statistics.nfev),
                error: $0
              )
            }
          })
      }, errorLabel: outcome.measures[measure].label, title: .plain(outcome.problem))
    // Below this line the reference is no better than what it judges.
    if let reference = outcome.referenceErrors[measure] {
      for i in figure.panels.indices { figure.panels[i].guides.append(.horizontal(reference)) }
      let settings = [
        outcome.entries.contains { $0.rtol != nil } ? "rtol" : nil,
        outcome.entries.contains { $0.rtol == nil } ? "the step over the one asked for" : nil,
      ].compactMap(\.self).joined(separator: ", or ")
      figure.caption = [
        "Beside the points: " + .plain(settings) + ". The error of the reference itself, about "
          + .scientific(reference)
          + ", is the grey line where it lies in the picture."
      ]
    }
    return figure
  }

  /// A point's tolerance, or its factor on the step.
  private static func setting(_ entry: Comparison.Entry) -> FigureText {
    entry.rtol.map { .scientific($0, digits: 0) } ?? "×" + .number(entry.stepScale ?? 1)
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
