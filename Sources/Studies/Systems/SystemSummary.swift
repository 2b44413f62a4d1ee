import Foundation
import GradientFlow
import ODECore

/// What a run of a system came to: the object of `--json` and `summary.json`.
public struct SystemSummary: Encodable {
  /// An event that was located.
  public struct Crossing: Encodable, Sendable {
    public let name: String
    public let time: Double
    public let isRising: Bool
  }

  /// How the run ended.
  public let returnCode: ReturnCode
  /// One sentence on how the run ended.
  public let message: String
  public let integrator: String
  /// Which method an integrator that picks one has picked, and why.
  public let integratorChoice: String?
  public let system: String
  public let dimension: Int
  public let rtol: Double
  public let atol: Double
  public let initialTime: Double
  public let tEnd: Double
  /// Where the run ended.
  public let time: Double
  /// `y` there by component; left out for more than ``mostComponents``, `state-final.npy` has them all.
  public let state: [String: Double]?
  /// The first ``mostEvents`` of ``eventCount``.
  public let events: [Crossing]
  public let eventCount: Int
  public let statistics: Statistics
  /// What each observer said at the end, by its name.
  public let observers: [String: [String: ObservedValue]]

  /// A larger state stands in its file only.
  public static let mostComponents = 100
  /// Of more events the first so many are listed.
  public static let mostEvents = 1000

  init(_ experiment: SystemExperiment, _ solution: Solution, _ recorder: SystemRecorder) {
    let (c, model) = (experiment.configuration, experiment.model)
    returnCode = solution.returnCode
    message = solution.message(blaming: [model.system])
    integrator = experiment.integrator.name
    integratorChoice = solution.choice
    system = model.name
    dimension = model.initialState.count
    (rtol, atol) = (c.rtol, c.atol)
    initialTime = model.initialTime
    tEnd = experiment.problem.finalTime
    time = solution.time
    state =
      dimension <= Self.mostComponents
      ? Dictionary(zip(model.componentNames, solution.state)) { $1 } : nil
    events = solution.crossings.prefix(Self.mostEvents).map {
      Crossing(name: $0.name, time: $0.time, isRising: $0.isRising)
    }
    eventCount = solution.crossings.count
    statistics = solution.statistics
    observers = recorder.results
  }

  /// The JSON text, keys in alphabetical order.
  public var json: String {
    get throws { try JSONText.pretty(self, namesNonFinite: true) }
  }

  /// The exit code that belongs to the return code.
  public var exitCode: Int32 { returnCode.exitCode }
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
