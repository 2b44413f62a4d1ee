import Figures
import Foundation
import ODECore
import PluginKit

/// A comparison with its folder: `comparison.json`, `comparison.csv` and the work-precision diagrams.
public struct ComparisonStudy {
  /// What came of it.
  public struct Result {
    public let outcome: Comparison.Outcome
    /// The PNGs, if a folder was asked for.
    public let pictures: [URL]

    /// The table and the pictures' paths.
    public var text: String {
      let header =
        "reference: \(outcome.reference), RD_w = \(outcome.referenceRelativeDistance) at t = \(outcome.endTime)"
      return ([header] + outcome.entries.map(Comparison.line) + pictures.map(\.path))
        .joined(separator: "\n")
    }
  }

  private let comparison: Comparison
  private let folder: OutputFolder?

  /// - Throws: ``UsageError`` if `out` exists.
  public init(_ comparison: Comparison, out: String?) throws {
    self.comparison = comparison
    folder = try out.map { try OutputFolder(new: $0) }
  }

  public func run(
    _ catalog: PluginCatalog, cancellation: Cancellation? = nil, report: (String) -> Void
  ) throws -> Result {
    let outcome = try comparison.run(catalog, cancellation: cancellation, report: report)
    guard let folder else { return Result(outcome: outcome, pictures: []) }
    try folder.create()
    try folder.write(try comparison.configuration.yaml, to: "config.yaml")
    try folder.write(try outcome.json + "\n", to: "comparison.json")
    try folder.write(Self.csv(outcome), to: "comparison.csv")
    let writer = FigureWriter(folder: folder.working)
    let figures = [
      ("work-precision-rd", Self.figure(outcome, "relative error of RD_w", \.errorRD)),
      ("work-precision-f", Self.figure(outcome, "relative error of f at the data", \.errorF)),
    ]
    for (name, figure) in figures { try writer.write(figure, name: name) }
    try folder.complete()
    return Result(
      outcome: outcome, pictures: figures.map { folder.destination.appending(path: $0.0 + ".png") })
  }

  private static func figure(
    _ outcome: Comparison.Outcome, _ label: String, _ error: (Comparison.Entry) -> Double?
  ) -> Figure {
    var names: [String] = []
    for entry in outcome.entries where !names.contains(entry.integrator) {
      names.append(entry.integrator)
    }
    return FigureLibrary.workPrecision(
      names.map { name in
        FigureLibrary.WorkPrecision(
          .plain(name),
          runs: outcome.entries.filter { $0.integrator == name }.compactMap { entry in
            error(entry).map {
              (
                seconds: entry.statistics.wallSeconds, evaluations: Double(entry.statistics.nfev),
                error: $0
              )
            }
          })
      }, errorLabel: .plain(label))
  }

  private static func csv(_ outcome: Comparison.Outcome) -> String {
    let header = "integrator,rtol,stepScale,returnCode,accepted,rejected,nfev,wallSeconds,rdW,errorRD,errorF"
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    return
      ([header]
      + outcome.entries.map { e in
        [
          e.integrator, text(e.rtol), text(e.stepScale), e.returnCode.rawValue,
          "\(e.statistics.accepted)", "\(e.statistics.rejected)", "\(e.statistics.nfev)",
          "\(e.statistics.wallSeconds)", "\(e.relativeDistance)", text(e.errorRD), text(e.errorF),
        ].joined(separator: ",")
      }).joined(separator: "\n") + "\n"
  }
}
