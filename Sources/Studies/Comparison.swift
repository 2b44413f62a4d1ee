import Foundation
import GradientFlow
import ODECore
import PluginKit

/// Several integrators and tolerances on one problem: error against work.
///
/// All runs share start, data and end time. The errors are
/// - `errorRD = |RD_w - RD_w,ref| / RD_w,ref` at the end, RD_w as in (16);
/// - `errorF = max_t |f(t) - f_ref(t)|_2 / max_t |f_ref(t)|_2` over the `n` outputs at the data and
///   the recorded times (at the end only, if the reference is a given state).
///
/// The reference has an error, too, which is estimated; an error that is at most twice that is marked,
/// since it tells of the reference as much as of the method.
public struct Comparison {
  /// One run of the comparison.
  public struct Entry: Encodable, Sendable {
    /// Its name, as on the command line.
    public let integrator: String
    /// For adaptive methods; else `nil`.
    public let rtol: Double?
    /// For fixed-step methods: the factor on their own step.
    public let stepScale: Double?
    /// How the run ended; errors are `nil` unless it reached the end.
    public let returnCode: ReturnCode
    /// `RD(theta_w)` (16) at the end.
    public let relativeDistance: Double
    /// Its relative error against the reference.
    public let errorRD: Double?
    public let errorF: Double?
    /// Whether `errorRD` is at the level of the reference's own.
    public let isUnresolvedRD: Bool
    public let isUnresolvedF: Bool
    /// What it cost.
    public let statistics: Statistics
  }

  /// What a comparison gave.
  public struct Outcome: Encodable, Sendable {
    public let reference: String
    /// The time at which all runs end and are compared.
    public let endTime: Double
    public let referenceRelativeDistance: Double
    /// The reference's own errors, estimated; `nil` for a given state.
    public let referenceErrorRD: Double?
    public let referenceErrorF: Double?
    /// One for each integrator and tolerance, in the order asked for.
    public let entries: [Entry]

    public var json: String {
      get throws { try JSONText.pretty(self, namesNonFinite: true) }
    }
  }

  /// The flow, and what all runs share.
  public var configuration: RunConfiguration
  /// Their names, arguments included.
  public var integrators: [String]
  /// The relative tolerances; `atol` keeps the configuration's ratio to `rtol`.
  public var rtols: [Double]
  /// A state at the end time, `.npy`; `nil`: the first adaptive integrator at a tenth of the smallest `rtol`.
  public var reference: String?

  public init(
    _ configuration: RunConfiguration, integrators: [String], rtols: [Double], reference: String? = nil
  ) throws {
    guard !integrators.isEmpty else { throw UsageError("name at least one integrator") }
    guard !rtols.isEmpty, rtols.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      throw UsageError("rtols must lie between 0 and 1")
    }
    try configuration.checkRecordTimes()
    if reference != nil, configuration.tEnd == nil {
      throw UsageError("a reference state belongs to a time: give t-end as well")
    }
    self.configuration = configuration
    self.integrators = integrators
    self.rtols = rtols.sorted(by: >)
    self.reference = reference
  }

  /// Runs everything, the reference first. `report` is told of each run as it ends.
  ///
  /// - Throws: ``UsageError``, errors of plug-ins, or ``ReferenceFailure``.
  /// - Returns: what there is so far, if it is cancelled after the reference.
  public func run(
    _ catalog: PluginCatalog, cancellation: Cancellation? = nil, report: (String) -> Void = { _ in }
  ) throws -> Outcome {
    // Everything is made once before the first run, so that a wrong name costs no time.
    let adaptive = try integrators.filter { name in
      var c = configuration
      c.integrator = name
      return try Experiment(c, catalog).integrator.isAdaptive
    }
    let truth = try ComparisonReference(self, adaptive.first, catalog, cancellation)
    report(truth.line)

    var entries: [Entry] = []
    runs: for integrator in integrators {
      for (index, rtol) in rtols.enumerated() {
        let isAdaptive = adaptive.contains(integrator)
        var c = configuration
        c.integrator = integrator
        c.stopLoss = nil
        c.tEnd = truth.endTime
        // To the very end, where the errors are taken.
        c.stopAtRest = false
        c.setTolerance(isAdaptive ? rtol : c.rtol)
        let scale = isAdaptive ? nil : pow(0.5, Double(index))
        let (trace, solution) = try timedRun(c, scale ?? 1, catalog, cancellation)
        let ended = solution.returnCode == .success
        let errorRD = ended ? trace.distanceError(against: truth.trace) : nil
        let errorF = ended ? trace.outputError(against: truth.trace) : nil
        let entry = Entry(
          integrator: integrator, rtol: isAdaptive ? rtol : nil, stepScale: scale,
          returnCode: solution.returnCode, relativeDistance: trace.relativeDistance, errorRD: errorRD,
          errorF: errorF, isUnresolvedRD: Self.isUnresolved(errorRD, truth.errorRD),
          isUnresolvedF: Self.isUnresolved(errorF, truth.errorF), statistics: solution.statistics)
        entries.append(entry)
        report(Self.line(entry))
        if solution.returnCode == .interrupted { break runs }
      }
    }
    return Outcome(
      reference: truth.name, endTime: truth.endTime, referenceRelativeDistance: truth.trace.relativeDistance,
      referenceErrorRD: truth.errorRD, referenceErrorF: truth.errorF, entries: entries)
  }

  private static func isUnresolved(_ error: Double?, _ reference: Double?) -> Bool {
    guard let error, let reference else { return false }
    return error <= 2 * reference
  }

  /// The best of three runs if one is short.
  private func timedRun(
    _ c: RunConfiguration, _ stepScale: Double, _ catalog: PluginCatalog, _ cancellation: Cancellation?
  ) throws -> (OutputTrace, Solution) {
    var best: (OutputTrace, Solution)?
    for _ in 0..<3 {
      let experiment = try Experiment(c, catalog, stepScale: stepScale)
      let trace = OutputTrace(experiment)
      let solution = try experiment.integrate(trace, cancellation)
      if solution.statistics.wallSeconds < best?.1.statistics.wallSeconds ?? .infinity {
        best = (trace, solution)
      }
      if solution.statistics.wallSeconds > 0.5 || !solution.returnCode.isSuccess { break }
    }
    return best!
  }

  static func line(_ entry: Entry) -> String {
    let name = entry.integrator.padding(toLength: 18, withPad: " ", startingAt: 0)
    let setting =
      entry.rtol.map { String(format: "rtol %.0e", $0) }
      ?? String(format: "step x%g", entry.stepScale ?? 1)
    func error(_ x: Double?, _ isUnresolved: Bool) -> String {
      x.map { String(format: isUnresolved ? "~%.0e" : "%.2e", $0) } ?? "-"
    }
    return name + setting.padding(toLength: 14, withPad: " ", startingAt: 0)
      + String(
        format: "%9d steps %10d nfev %9.3g s  RD_w %.8g", entry.statistics.accepted,
        entry.statistics.nfev, entry.statistics.wallSeconds, entry.relativeDistance)
      + "  error RD \(error(entry.errorRD, entry.isUnresolvedRD))  f \(error(entry.errorF, entry.isUnresolvedF))"
      + (entry.returnCode == .success ? "" : "  \(entry.returnCode.rawValue)")
  }
}

extension RunConfiguration {
  /// Sets `rtol`, keeping the ratio of `atol` to it.
  mutating func setTolerance(_ value: Double) {
    atol *= value / rtol
    rtol = value
  }
}
