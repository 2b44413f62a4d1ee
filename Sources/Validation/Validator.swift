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
  /// What is checked, in order.
  public let statements: [any Statement]
  private let context: ValidationContext

  /// - Parameter statements: the statements to choose from; `settings.statement` names those to check.
  /// - Throws: ``/Studies/UsageError`` for anything that cannot be; nothing has been done then.
  public init(
    _ settings: ValidationSettings, _ catalog: PluginCatalog, statements: [any Statement] = Statements.all,
    cancellation: Cancellation? = nil
  ) throws {
    let chosen = try Self.choose(settings.statement, among: statements)
    let isDeep = settings.hidden.count > 1
    if isDeep, !settings.statement.isEmpty, let other = chosen.first(where: { !$0.isOfAnyDepth }) {
      throw UsageError(
        "statement '\(other.identifier)' is for networks of two layers; leave out hidden, or name one of "
          + statements.filter(\.isOfAnyDepth).map(\.identifier).joined(separator: ", "))
    }
    self.statements = isDeep ? chosen.filter(\.isOfAnyDepth) : chosen
    context = try ValidationContext(settings, catalog, cancellation: cancellation)
    self.settings = context.settings
  }

  /// What decides the numbers: the settings, the data, plug-in libraries, and this program's version.
  ///
  /// - Throws: `AtomicFileError` if a plug-in's file cannot be read.
  public var identity: String {
    get throws {
      try settings.withoutThreads.yaml + "# data: SHA-256 \(Digest.sha256(context.data))\n"
        + settings.plugin.map { try "# plug-in \($0): SHA-256 \(Digest.sha256(library: $0))\n" }.joined()
        + "# PhaseFlow \(phaseFlowVersion)\n"
    }
  }

  /// Does the runs that the statements need, on all cores, then judges.
  ///
  /// - Parameters:
  ///   - storage: a folder where runs are kept as they end; those that are there are not done again.
  ///   - progress: called as runs end, one call at a time, on any thread.
  /// - Throws: errors of plug-ins; `CancellationError` if interrupted.
  public func run(
    keeping storage: URL? = nil, progress: (Progress) -> Void = { _ in }
  ) throws -> ValidationReport {
    context.pool.storage = storage.map { RunStorage(folder: $0) }
    let runs = try statements.flatMap { try $0.runs(context) }
    try context.pool.prepare(runs) { fraction, run in
      let place =
        run.gamma.flatMap { g in run.gammaPrime.map { "γ = \(short(g)), γ′ = \(short($0)), " } } ?? ""
      progress(Progress(fraction: fraction, activity: "run \(place)m = \(run.widest), seed \(run.seed)"))
    }
    let results = try statements.map { statement in
      progress(Progress(fraction: 1, activity: "judging \(statement.identifier)"))
      return ValidationReport.Entry(statement, try statement.evaluate(context))
    }
    return ValidationReport(
      settings: settings, constants: context.constants, stopLoss: context.stopLoss, runs: context.pool.count,
      incomplete: context.pool.incomplete, entries: results)
  }

  /// What the runs are going to take that the statements name and that are not kept in `storage`; which further ones judging
  /// will ask for is not known before.
  ///
  /// - Throws: errors of plug-ins; `CancellationError` if interrupted.
  public func forecast(keeping storage: URL? = nil) throws -> WorkForecast {
    let runs = Set(try statements.flatMap { try $0.runs(context) })
    let kept = storage.map { RunStorage(folder: $0) }
    return try context.pool.forecast(runs.filter { kept?.read($0) == nil }, of: runs.count)
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
