import GradientFlow
import ODECore
import Studies

/// A finished run, as statements see it.
public struct TrainingRun: Sendable {
  public let summary: RunSummary
  /// What the summary says of the network.
  public let network: NetworkFacts
  /// The recorded columns: `time`, `loss`, and those of the observers.
  public let record: Record
  /// Tables of observers, by `OBSERVER-TABLE`.
  public let tables: [String: ObservedTable]
  /// The final state, laid out as `NetworkShape` says, in the coordinates that were integrated (`NetworkSubject.integratedFlow`): in them
  /// a neuron held at a kink is there to rounding.
  public let state: [Double]
  /// `|theta_part^0|_2`.
  let startNorms: [ParameterPart: Double]

  /// Whether the run got to its stop, or to rest before that. What it says about suprema over all times is otherwise only a lower bound.
  public var isComplete: Bool { summary.returnCode.isSuccess }

  /// A number from the summary of an observer; NaN if there is none.
  public func number(_ observer: String, _ key: String) -> Double {
    summary.observers[observer]?[key]?.number ?? .nan
  }

  /// `sup_t RD` (16) of one part of the parameters.
  public func supremum(_ part: ParameterPart) -> Double { number("relative-distance", part.key) }

  /// `sup_t |theta_part(t) - theta_part^0|_2`.
  public func displacement(_ part: ParameterPart) -> Double {
    supremum(part) * startNorms[part]!
  }

  /// `kappa` and `kappa'`.
  public let scaling: Scaling

}

extension ParameterPart {
  /// Of the supremum in the summary of `relative-distance`.
  fileprivate var key: String {
    switch self {
    case .w: "supW"
    case .a: "supA"
    case .theta: "supTheta"
    }
  }
}

extension TrainingRun {
  init(_ outcome: Run.Outcome) {
    let subject = outcome.experiment.network!
    summary = outcome.summary
    network = outcome.summary.network!
    scaling = subject.scaling
    record = outcome.record
    tables = outcome.tables
    state = outcome.integratedState
    let distance = DistanceFromStart(subject.initialState.span, shape: subject.flow.shape)
    startNorms = Dictionary(
      uniqueKeysWithValues: ParameterPart.allCases.map { ($0, distance.startNorm($0)) })
  }
}
