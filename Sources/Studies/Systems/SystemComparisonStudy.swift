import Figures
import Foundation
import ODECore
import PluginKit

/// A comparison of integrators on a system with its folder: `comparison.json`, `comparison.csv` and the
/// work-precision diagram.
public struct SystemComparisonStudy {
  /// What came of it.
  public struct Result {
    public let outcome: SystemComparison.Outcome
    /// The PNGs, if a folder was asked for.
    public let pictures: [URL]

    /// The table, whose lines are also reported as the runs end.
    public var table: String {
      (["\(outcome.system) to t = \(outcome.endTime), reference: \(outcome.reference)"]
        + outcome.entries.map(SystemComparison.line)).joined(separator: "\n")
    }

    /// The pictures' paths.
    public var remarks: String { pictures.map(\.path).joined(separator: "\n") }
  }

  private let comparison: SystemComparison
  private let folder: OutputFolder?

  /// - Throws: ``UsageError`` if `out` exists.
  public init(_ comparison: SystemComparison, out: String?) throws {
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
    let name = "work-precision"
    try FigureWriter(folder: folder.working).write(figure(outcome), name: name)
    try folder.complete()
    return Result(outcome: outcome, pictures: [folder.destination.appending(path: name + ".png")])
  }

  private func figure(_ outcome: SystemComparison.Outcome) -> Figure {
    var names: [String] = []
    for entry in outcome.entries where !names.contains(entry.integrator) { names.append(entry.integrator) }
    return FigureLibrary.workPrecision(
      names.map { name in
        FigureLibrary.WorkPrecision(
          .plain(name),
          runs: outcome.entries.filter { $0.integrator == name }.compactMap { entry in
            entry.errorEnd.map {
              (seconds: entry.statistics.wallSeconds, evaluations: Double(entry.statistics.nfev), error: $0)
            }
          })
      }, errorLabel: "relative error at the end", title: .plain(outcome.system))
  }

  private static func csv(_ outcome: SystemComparison.Outcome) -> String {
    let header = "integrator,rtol,stepScale,returnCode,accepted,rejected,nfev,wallSeconds,errorEnd,errorPath"
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let rows = outcome.entries.map { e in
      [
        "\"\(e.integrator)\"", text(e.rtol), text(e.stepScale), e.returnCode.rawValue,
        "\(e.statistics.accepted)", "\(e.statistics.rejected)", "\(e.statistics.nfev)",
        "\(e.statistics.wallSeconds)", text(e.errorEnd), text(e.errorPath),
      ].joined(separator: ",")
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }
}
