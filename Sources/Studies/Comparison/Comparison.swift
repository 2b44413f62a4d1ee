import Foundation
import ODECore
import PluginKit

/// Several integrators and tolerances on one problem: error against work.
///
/// All runs share start, data and end time. What an error is depends on the problem: `OutputTrace`, `StatePath`.
/// The reference has an error, too, which is estimated; an error that is at most twice that is marked, since it tells of
/// the reference as much as of the method.
public struct Comparison {
  /// One run of the comparison.
  public struct Entry: Sendable {
    /// Its name, as on the command line.
    public let integrator: String
    /// For adaptive methods; else `nil`.
    public let rtol: Double?
    /// For fixed-step methods: the factor on their own step.
    public let stepScale: Double?
    /// How the run ended; errors are `nil` unless it reached the end.
    public let returnCode: ReturnCode
    /// A number of the run itself, such as `RD_w 0.2613`; empty for none.
    public let headline: String
    /// One for each measure of the outcome.
    public let errors: [Double?]
    /// Whether that error is at the level of the reference's own.
    public let isUnresolved: [Bool]
    /// What it cost.
    public let statistics: Statistics
    /// Seconds of each run; the first one, where there are several, warms up and does not count in the median that
    /// ``statistics`` has.
    public let seconds: [Double]
  }

  /// What a comparison gave.
  public struct Outcome: Sendable {
    /// The method and tolerance of the reference, or the file that it was read from.
    public let reference: String
    /// The system's or data's name.
    public let problem: String
    /// The time at which all runs end and are compared.
    public let endTime: Double
    /// What the reference has of the first measure, for people.
    public let referenceHeadline: String
    /// What the errors are, in order.
    public let measures: [ComparisonMeasure]
    /// The reference's own errors, estimated; `nil` for a given state.
    public let referenceErrors: [Double?]
    /// One for each integrator and tolerance, in the order asked for.
    public let entries: [Entry]
    /// Which program and machine made it.
    public let provenance = Provenance()

    /// As `comparison.json` has it.
    public var json: String {
      get throws { try JSONText.pretty(self) }
    }
  }

  /// What is integrated, and what all runs share.
  public var configuration: RunConfiguration
  /// Their names, arguments included.
  public var integrators: [String]
  /// The relative tolerances; `atol` keeps the configuration's ratio to `rtol`.
  public var rtols: [Double]
  /// A state at the end time, `.npy`; `nil`: the best of stated methods at a tenth of the smallest `rtol`.
  public var reference: String?
  /// Of an earlier part of the same comparison: not run again.
  public var finished: [Entry] = []

  /// A comparison of these integrators at these tolerances.
  public init(
    _ configuration: RunConfiguration, integrators: [String], rtols: [Double], reference: String? = nil
  ) throws {
    guard !integrators.isEmpty else { throw UsageError("name at least one integrator") }
    guard !rtols.isEmpty, rtols.allSatisfy({ $0 > 0 && $0 < 1 }) else {
      throw UsageError("rtols must lie between 0 and 1")
    }
    if reference != nil, configuration.tEnd == nil, !configuration.isOfSystem {
      throw UsageError("a reference state needs its time; give t-end as well")
    }
    self.configuration = configuration
    // Nobody reads what observers would say.
    self.configuration.observe = []
    self.integrators = integrators
    self.rtols = rtols.sorted(by: >)
    self.reference = reference
  }

  /// The adaptive ones among the methods.
  func adaptive(_ catalog: PluginCatalog) throws -> [String] {
    try integrators.filter { try experiment($0, nil, 1, catalog).integrator.isAdaptive }
  }

  /// Runs everything, the reference first. `report` is told of each run as it ends, `keep` of all that there is so far.
  ///
  /// - Throws: ``UsageError``, errors of plug-ins, or ``ReferenceFailure``.
  /// - Returns: what there is so far, if it is cancelled after the reference.
  public func run(
    _ catalog: PluginCatalog, cancellation: Cancellation? = nil, keep: (Outcome) throws -> Void = { _ in },
    report: (String) -> Void = { _ in }
  ) throws -> Outcome {
    // Everything is made once before the first run, so that a wrong name costs no time.
    let adaptive = try adaptive(catalog)
    let truth = try ComparisonReference(self, catalog, cancellation)
    report(truth.line)
    let measures = type(of: truth.trace).measures
    var entries: [Entry] = []
    func outcome() -> Outcome {
      Outcome(
        reference: truth.name, problem: configuration.isOfSystem ? configuration.system! : configuration.data,
        endTime: truth.endTime, referenceHeadline: truth.trace.headline, measures: measures,
        referenceErrors: truth.errors, entries: entries)
    }
    try keep(outcome())
    runs: for integrator in integrators {
      for (index, rtol) in rtols.enumerated() {
        let isAdaptive = adaptive.contains(integrator)
        let scale = isAdaptive ? nil : pow(0.5, Double(index))
        let earlier = finished.first {
          $0.integrator == integrator && $0.rtol == (isAdaptive ? rtol : nil) && $0.stepScale == scale
            && $0.returnCode != .interrupted && $0.errors.count == measures.count
        }
        if let earlier {
          entries.append(earlier)
          report(Self.line(earlier, measures))
          continue
        }
        let (trace, solution, seconds) = try timedRun(cancellation) {
          try experiment(integrator, isAdaptive ? rtol : nil, scale ?? 1, catalog, until: truth)
        }
        let ended =
          solution.returnCode.isSuccess
          && (solution.time == truth.endTime || solution.returnCode == truth.returnCode)
        let errors = ended ? trace.errors(against: truth.trace) : measures.map { _ in nil }
        let entry = Entry(
          integrator: integrator, rtol: isAdaptive ? rtol : nil, stepScale: scale,
          returnCode: solution.returnCode, headline: trace.headline, errors: errors,
          isUnresolved: zip(errors, truth.errors).map { error, reference in
            guard let error, let reference else { return false }
            return error <= 2 * reference
          }, statistics: solution.statistics, seconds: seconds)
        entries.append(entry)
        report(Self.line(entry, measures))
        try keep(outcome())
        if solution.returnCode == .interrupted { break runs }
      }
    }
    return outcome()
  }

  /// - Parameters:
  ///   - rtol: `nil` for the configuration's own.
  ///   - reference: whose end is to be reached; `nil`: the configuration's own end.
  func experiment(
    _ integrator: String, _ rtol: Double?, _ stepScale: Double, _ catalog: PluginCatalog,
    until reference: ComparisonReference? = nil
  ) throws -> Experiment {
    var c = configuration
    c.integrator = integrator
    if let rtol { c.setTolerance(rtol) }
    // A step is for those of the compared methods that take one.
    let isAdaptive = try UsageError.preparing { try c.makeIntegrator(catalog, stepScale: 1).isAdaptive }
    if isAdaptive, c.step != .automatic { c.step = .automatic }
    if c.isOfSystem || c.tEnd != nil { c.stopAtRest = false }
    if let reference {
      // To the very end, where the errors are taken.
      c.stopAtRest = false
      if !c.isOfSystem { (c.stopLoss, c.tEnd) = (nil, reference.endTime) }
    }
    return try Experiment(c, catalog, stepScale: stepScale)
  }

  /// Short runs are made again: a first one to warm up, then five, or three from 0.1 s on, of which the median counts; from 0.5 s on one
  /// is enough.
  private func timedRun(
    _ cancellation: Cancellation?, _ make: () throws -> Experiment
  ) throws -> (any ComparisonTrace, Solution, [Double]) {
    var runs: [(trace: any ComparisonTrace, solution: Solution)] = []
    repeat {
      let experiment = try make()
      let trace = experiment.subject.makeTrace()
      let solution = try experiment.integrate([trace], cancellation)
      runs.append((trace, solution))
      if !solution.returnCode.isSuccess { break }
    } while runs.count < Self.repetitions(of: runs[0].solution.statistics.wallSeconds)
    let seconds = runs.map(\.solution.statistics.wallSeconds)
    let timed = runs.count > 1 ? runs.dropFirst() : runs[...]
    let middle = timed.sorted { $0.solution.statistics.wallSeconds < $1.solution.statistics.wallSeconds }[
      timed.count / 2]
    return (
      middle.trace, runs.last!.solution.returnCode.isSuccess ? middle.solution : runs.last!.solution, seconds
    )
  }

  private static func repetitions(of seconds: Double) -> Int { seconds > 0.5 ? 1 : seconds > 0.1 ? 4 : 6 }

  static func line(_ entry: Entry, _ measures: [ComparisonMeasure]) -> String {
    let setting =
      entry.rtol.map { String(format: "rtol %.0e", $0) }
      ?? String(format: "step x%g", entry.stepScale ?? 1)
    let errors = measures.indices.map { i in
      let text = entry.errors[i].map { String(format: entry.isUnresolved[i] ? "~%.0e" : "%.2e", $0) } ?? "-"
      return "  \(measures[i].name) \(text)"
    }
    let cost = String(
      format: "%9d steps %10d nfev %9.3g s", entry.statistics.accepted, entry.statistics.nfev,
      entry.statistics.wallSeconds)
    return padded(entry.integrator, 18) + padded(setting, 14) + cost
      + (entry.headline.isEmpty ? "" : "  " + entry.headline) + errors.joined()
      + (entry.returnCode.isSuccess ? "" : "  \(entry.returnCode.rawValue)")
  }
}

/// `text` with blanks up to `width`, never cut.
func padded(_ text: String, _ width: Int) -> String {
  text + String(repeating: " ", count: max(text.hasSuffix(" ") ? 0 : 1, width - text.count))
}

/// Eight significant digits.
func significant(_ value: Double) -> String { String(format: "%.8g", value) }

extension Comparison.Outcome: Encodable {
  /// Errors have their measure's key: `errorRD`, `isUnresolvedRD`, `referenceErrorRD`.
  public func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: AnyKey.self)
    try c.encode(reference, forKey: AnyKey("reference"))
    try c.encode(problem, forKey: AnyKey("problem"))
    try c.encode(endTime, forKey: AnyKey("endTime"))
    for (measure, error) in zip(measures, referenceErrors) {
      try c.encode(error, forKey: AnyKey("referenceError\(measure.key)"))
    }
    try c.encode(provenance, forKey: AnyKey("provenance"))
    var list = c.nestedUnkeyedContainer(forKey: AnyKey("entries"))
    for entry in entries {
      var e = list.nestedContainer(keyedBy: AnyKey.self)
      try e.encode(entry.integrator, forKey: AnyKey("integrator"))
      try e.encodeIfPresent(entry.rtol, forKey: AnyKey("rtol"))
      try e.encodeIfPresent(entry.stepScale, forKey: AnyKey("stepScale"))
      try e.encode(entry.returnCode, forKey: AnyKey("returnCode"))
      for (i, measure) in measures.enumerated() {
        try e.encode(entry.errors[i], forKey: AnyKey("error\(measure.key)"))
        try e.encode(entry.isUnresolved[i], forKey: AnyKey("isUnresolved\(measure.key)"))
      }
      try e.encode(entry.statistics, forKey: AnyKey("statistics"))
      try e.encode(entry.seconds, forKey: AnyKey("seconds"))
    }
  }
}

extension Comparison.Entry {
  /// One of `comparison.json`.
  init(_ c: KeyedDecodingContainer<AnyKey>, measures: [ComparisonMeasure]) throws {
    integrator = try c.decode(String.self, forKey: AnyKey("integrator"))
    rtol = try c.decodeIfPresent(Double.self, forKey: AnyKey("rtol"))
    stepScale = try c.decodeIfPresent(Double.self, forKey: AnyKey("stepScale"))
    returnCode = try c.decode(ReturnCode.self, forKey: AnyKey("returnCode"))
    headline = ""
    errors = try measures.map { try c.decodeIfPresent(Double.self, forKey: AnyKey("error\($0.key)")) }
    isUnresolved = try measures.map { try c.decode(Bool.self, forKey: AnyKey("isUnresolved\($0.key)")) }
    statistics = try c.decode(Statistics.self, forKey: AnyKey("statistics"))
    seconds = try c.decodeIfPresent([Double].self, forKey: AnyKey("seconds")) ?? []
  }
}
