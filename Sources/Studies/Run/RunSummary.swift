import Foundation
import ODECore
import PluginKit

/// What a run came to: the object of `--json` and `summary.json`.
///
/// Numbers that are not finite are `null` there.
public struct RunSummary: Encodable, Sendable {
  /// How the run ended.
  public let returnCode: ReturnCode
  /// One sentence on how the run ended.
  public let message: String
  /// The integrator, with its arguments.
  public let integrator: String
  /// Which method an integrator that picks one has picked, and why.
  public let integratorChoice: String?
  /// What else a reader of the solution should know, e.g. that it is one of several.
  public let remarks: [SolutionRemark]
  /// Relative tolerance.
  public let rtol: Double
  /// Absolute tolerance.
  public let atol: Double
  /// Where the run was to end, if at any time.
  public let tEnd: Double?
  /// Where the run ended; of a network in the time of the normalised model.
  public let time: Double
  /// What the integration cost.
  public let statistics: Statistics
  /// What each observer said at the end, by its name.
  public let observers: [String: [String: ObservedValue]]
  /// If it was asked for.
  public let globalError: GlobalErrorEstimate?
  /// What belongs to the problem's kind; its keys stand beside the others.
  public let facts: any SubjectFacts
  /// What the result was made by, and when.
  public let provenance = Provenance()

  /// - Parameter message: replaces the solution's, if that does not know what ended the run.
  init(
    _ experiment: Experiment, _ solution: Solution, message: String? = nil,
    globalError: GlobalErrorEstimate? = nil
  ) {
    self.globalError = globalError
    let c = experiment.configuration
    returnCode = solution.returnCode
    self.message = message ?? solution.message(blaming: experiment.subject.parts)
    integrator = experiment.integrator.name
    integratorChoice = solution.choice
    remarks = solution.remarks
    (rtol, atol, tEnd) = (c.rtol, c.atol, c.tEnd)
    time = experiment.subject.summaryTime(solution.time)
    statistics = solution.statistics
    observers = solution.observed
    facts = experiment.subject.facts(c, solution)
  }

  /// What is said of a network; `nil` if it is none.
  public var network: NetworkFacts? { facts as? NetworkFacts }
  /// What is said of a network of any depth; `nil` if it is none.
  public var deep: DeepFacts? { facts as? DeepFacts }
  /// What is said of a system; `nil` if it is none.
  public var system: SystemFacts? { facts as? SystemFacts }

  /// The JSON text, keys in alphabetical order.
  public var json: String {
    get throws { try JSONText.pretty(self) }
  }

  /// The exit code that belongs to the return code.
  public var exitCode: Int32 { returnCode.exitCode }

  private enum CodingKeys: String, CodingKey {
    case returnCode, message, integrator, integratorChoice, remarks, rtol, atol, tEnd, time, statistics,
      observers, globalError, provenance
  }

  public func encode(to encoder: any Encoder) throws {
    try facts.encode(to: encoder)
    var c = encoder.container(keyedBy: CodingKeys.self)
    try c.encode(returnCode, forKey: .returnCode)
    try c.encode(message, forKey: .message)
    try c.encode(integrator, forKey: .integrator)
    try c.encodeIfPresent(integratorChoice, forKey: .integratorChoice)
    try c.encodeIfPresent(globalError, forKey: .globalError)
    if !remarks.isEmpty { try c.encode(remarks, forKey: .remarks) }
    try c.encode(rtol, forKey: .rtol)
    try c.encode(atol, forKey: .atol)
    try c.encode(tEnd?.finite, forKey: .tEnd)
    try c.encode(time.finite, forKey: .time)
    try c.encode(statistics, forKey: .statistics)
    try c.encode(observers, forKey: .observers)
    try c.encode(provenance, forKey: .provenance)
  }
}

extension Solution {
  /// How the run ended; for one that failed with what `parts` say of themselves.
  func message(blaming parts: [Any]) -> String {
    let faults = returnCode.isSuccess ? [] : parts.compactMap { ($0 as? any FaultReporting)?.fault }
    // An error that ended the run may be the fault itself.
    return ([message] + faults.filter { !message.contains($0) }).joined(separator: "; ")
  }
}

extension ReturnCode {
  /// 0 done, 130 interrupted, 1 failed.
  var exitCode: Int32 {
    switch self {
    case .success, .stopped, .stationary: 0
    case .interrupted: 130
    default: 1
    }
  }
}
