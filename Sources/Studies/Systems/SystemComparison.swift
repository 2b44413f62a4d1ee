import Foundation
import ODECore
import PluginKit

/// Several integrators and tolerances on one system: error against work.
///
/// All runs share start and end. An error is the largest over the components of
/// `|y_i - ref_i| / max_t |ref_i|`, at the end (`errorEnd`) and at all recorded times (`errorPath`; not against a
/// given state).
public struct SystemComparison {
  /// One run of the comparison.
  public struct Entry: Encodable, Sendable {
    public let integrator: String
    /// For adaptive methods; else `nil`.
    public let rtol: Double?
    /// For fixed-step methods: the factor on their own step.
    public let stepScale: Double?
    public let returnCode: ReturnCode
    public let errorEnd: Double?
    public let errorPath: Double?
    public let statistics: Statistics
  }

  /// What a comparison gave.
  public struct Outcome: Encodable, Sendable {
    public let reference: String
    public let system: String
    public let endTime: Double
    public let entries: [Entry]

    public var json: String {
      get throws { try JSONText.pretty(self) }
    }
  }

  public var configuration: SystemConfiguration
  public var integrators: [String]
  public var rtols: [Double]
  /// A state at the end time, `.npy` of shape `[N]`; `nil`: the first adaptive integrator at a tenth of the
  /// smallest `rtol`.
  public var reference: String?

  public init(
    _ configuration: SystemConfiguration, integrators: [String], rtols: [Double], reference: String? = nil
  ) throws {
    guard !integrators.isEmpty else { throw UsageError("name at least one integrator") }
    guard !rtols.isEmpty, rtols.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      throw UsageError("rtols must lie between 0 and 1")
    }
    self.configuration = configuration
    self.integrators = integrators
    self.rtols = rtols.sorted(by: >)
    self.reference = reference
  }

  /// Runs everything, the reference first. `report` is told of each run as it ends.
  ///
  /// - Throws: ``UsageError``, errors of plug-ins, or ``ReferenceFailure``.
  public func run(
    _ catalog: PluginCatalog, cancellation: Cancellation? = nil, report: (String) -> Void = { _ in }
  ) throws -> Outcome {
    // Everything is made once before the first run, so that a wrong name costs no time.
    let experiments = try integrators.map { try experiment($0, nil, 1, catalog) }
    let adaptive = zip(integrators, experiments).filter { $1.integrator.isAdaptive }.map(\.0)
    let truth = try makeReference(adaptive.first, catalog, cancellation)
    report("reference \(truth.name)")
    var entries: [Entry] = []
    runs: for name in integrators {
      for (index, rtol) in rtols.enumerated() {
        let rtol = adaptive.contains(name) ? rtol : nil
        let scale = rtol == nil ? pow(0.5, Double(index)) : nil
        let (path, solution) = try timedRun(cancellation) { try experiment(name, rtol, scale ?? 1, catalog) }
        let ended = solution.returnCode.isSuccess && solution.time == truth.path.times.last
        let entry = Entry(
          integrator: name, rtol: rtol, stepScale: scale, returnCode: solution.returnCode,
          errorEnd: ended ? path.errorAtEnd(against: truth.path) : nil,
          errorPath: ended && reference == nil ? path.error(against: truth.path) : nil,
          statistics: solution.statistics)
        entries.append(entry)
        report(Self.line(entry))
        if solution.returnCode == .interrupted { break runs }
      }
    }
    return Outcome(
      reference: truth.name, system: experiments[0].model.name, endTime: truth.path.times.last!,
      entries: entries)
  }

  private func experiment(
    _ integrator: String, _ rtol: Double?, _ stepScale: Double, _ catalog: PluginCatalog
  ) throws -> SystemExperiment {
    var c = configuration
    c.integrator = integrator
    if let rtol { c.setTolerance(rtol) }
    // A step is for those of the compared methods that take one.
    let method = try UsageError.preparing {
      try catalog.integrators.make(integrator)(c.integratorSettings)
    }
    if method.isAdaptive { c.step = .automatic }
    return try SystemExperiment(c, catalog, stepScale: stepScale)
  }

  private func makeReference(
    _ integrator: String?, _ catalog: PluginCatalog, _ cancellation: Cancellation?
  ) throws -> (name: String, path: StatePath) {
    let path = StatePath()
    if let reference {
      let experiment = try experiment(integrators[0], nil, 1, catalog)
      let state = try UsageError.preparing {
        try StateStorage.vector(experiment.model.initialState.count).read(URL(filePath: reference))
      }
      path.save(experiment.problem.finalTime, state.span)
      return (reference, path)
    }
    guard let integrator else {
      throw UsageError("without an adaptive integrator a reference state must be given (--reference)")
    }
    let rtol = rtols.last! / 10
    let solution = try experiment(integrator, rtol, 1, catalog).integrate(path, cancellation)
    guard solution.returnCode.isSuccess else {
      throw ReferenceFailure(code: solution.returnCode, message: solution.message)
    }
    return ("\(integrator) at rtol \(rtol)", path)
  }

  /// The best of three runs if one is short.
  private func timedRun(
    _ cancellation: Cancellation?, _ make: () throws -> SystemExperiment
  ) throws -> (StatePath, Solution) {
    var best: (StatePath, Solution)?
    for _ in 0..<3 {
      let path = StatePath()
      let solution = try make().integrate(path, cancellation)
      if solution.statistics.wallSeconds < best?.1.statistics.wallSeconds ?? .infinity {
        best = (path, solution)
      }
      if solution.statistics.wallSeconds > 0.5 || !solution.returnCode.isSuccess { break }
    }
    return best!
  }

  static func line(_ entry: Entry) -> String {
    let setting =
      entry.rtol.map { String(format: "rtol %.0e", $0) } ?? String(format: "step x%g", entry.stepScale ?? 1)
    func error(_ x: Double?) -> String { x.map { String(format: "%.2e", $0) } ?? "-" }
    return entry.integrator.padding(toLength: 18, withPad: " ", startingAt: 0)
      + setting.padding(toLength: 14, withPad: " ", startingAt: 0)
      + String(
        format: "%9d steps %10d nfev %9.3g s", entry.statistics.accepted, entry.statistics.nfev,
        entry.statistics.wallSeconds)
      + "  error at the end \(error(entry.errorEnd))  on the way \(error(entry.errorPath))"
      + (entry.returnCode.isSuccess ? "" : "  \(entry.returnCode.rawValue)")
  }
}

/// The states at the recorded times of one run.
final class StatePath: Observer {
  private(set) var times: [Double] = []
  private(set) var states: [[Double]] = []

  func save(_ t: Double, _ y: Span<Double>) {
    times.append(t)
    states.append([Double](copying: y))
  }

  /// `max_i |y_i - ref_i| / max_t |ref_i|` at the end; `nil` if it is no number.
  func errorAtEnd(against reference: StatePath) -> Double? {
    largest(states.last!, reference.states.last!, reference.scales)
  }

  /// The largest of these errors over the times that both have.
  func error(against reference: StatePath) -> Double? {
    let mine = Dictionary(zip(times, states), uniquingKeysWith: { $1 })
    let scales = reference.scales
    let errors = zip(reference.times, reference.states).compactMap { t, y in
      mine[t].map { largest($0, y, scales) }
    }
    return errors.contains(nil) ? nil : errors.compactMap { $0 }.max()
  }

  private var scales: [Double] {
    states[0].indices.map { i in states.reduce(0) { max($0, abs($1[i])) } }
  }

  private func largest(_ y: [Double], _ reference: [Double], _ scales: [Double]) -> Double? {
    let errors = y.indices.map { abs(y[$0] - reference[$0]) / (scales[$0] > 0 ? scales[$0] : 1) }
    return errors.allSatisfy(\.isFinite) ? errors.max() : nil
  }
}
