import Figures
import Foundation
import ODECore
import PluginKit
import Studies

/// Statements checked on one data set: does the runs, judges, reports.
public struct Validator {
  /// How far a validation is.
  public struct Progress: Sendable {
    /// Of the work, from 0 to 1.
    public let fraction: Double
    /// What is being done.
    public let activity: String
  }

  /// With the widths that the data set has by default, if none were given.
  public let settings: ValidationSettings
  public let statements: [any Statement]
  private let context: ValidationContext

  /// - Parameter statements: the statements to choose from; `settings.statement` names those to check.
  /// - Throws: ``/Studies/UsageError`` for anything that cannot be; nothing has been done then.
  public init(
    _ settings: ValidationSettings, _ catalog: PluginCatalog, statements: [any Statement] = Statements.all,
    cancellation: Cancellation? = nil
  ) throws {
    self.statements = try Self.choose(settings.statement, among: statements)
    context = try ValidationContext(settings, catalog, cancellation: cancellation)
    self.settings = context.settings
  }

  /// Does the runs that the statements need, on all cores, then judges.
  ///
  /// - Parameter progress: called as runs end, one call at a time, on any thread.
  /// - Throws: errors of plug-ins; `CancellationError` if interrupted.
  public func run(progress: (Progress) -> Void = { _ in }) throws -> ValidationReport {
    let runs = try statements.flatMap { try $0.runs(context) }
    try context.pool.prepare(runs) { fraction, run in
      let place =
        run.gamma.flatMap { g in run.gammaPrime.map { "γ = \(short(g)), γ′ = \(short($0)), " } } ?? ""
      progress(Progress(fraction: fraction, activity: "run \(place)m = \(run.width), seed \(run.seed)"))
    }
    let results = try statements.map { statement in
      progress(Progress(fraction: 1, activity: "judging \(statement.identifier)"))
      return ValidationReport.Entry(statement, try statement.evaluate(context))
    }
    return ValidationReport(
      settings: settings, constants: context.constants, stopLoss: context.stopLoss, runs: context.pool.count,
      incomplete: context.pool.incomplete, entries: results)
  }

  private static func choose(_ names: [String], among statements: [any Statement]) throws -> [any Statement] {
    if names.isEmpty { return statements }
    let known = statements.map(\.identifier)
    for name in names where !known.contains(name) {
      let near = nearMisses(of: name, among: known)
      throw UsageError(
        "no statement '\(name)'; "
          + (near.isEmpty
            ? "there are \(known.joined(separator: ", "))"
            : "did you mean \(near.map { "'\($0)'" }.joined(separator: " or "))?"))
    }
    return statements.filter { names.contains($0.identifier) }
  }
}
