import GradientFlow
import ODECore
import Studies

/// A finished run, as statements see it.
public struct TrainingRun: Sendable {
  /// How the run ended.
  public let returnCode: ReturnCode
  /// What each observer said at the end, by its name.
  public internal(set) var observers: [String: [String: ObservedValue]]
  /// What the summary says of the network.
  public let network: Numbers
  /// The recorded columns: `time`, `loss`, and those of the observers.
  public let record: Record
  /// Tables of observers, by `OBSERVER-TABLE`.
  public let tables: [String: ObservedTable]
  /// The final state, of networks of two layers, laid out as `NetworkShape` says, in the coordinates that were integrated (`NetworkSubject.integratedFlow`): in them
  /// a neuron held at a kink is there to rounding.
  public let state: [Double]
  /// `|theta_part^0|_2`, of networks of two layers.
  let startNorms: [ParameterPart: Double]

  /// Of a network that was trained.
  public struct Numbers: Sendable, Equatable {
    /// `m`.
    public let width: Int
    /// (8).
    public let kappa: Double
    /// The dynamical scaling (8).
    public let kappaPrime: Double
    /// `R` at the start, and at the end.
    public let initialLoss: Double
    /// `R` at the end.
    public let loss: Double
  }

  /// Whether the run got to its stop, or to rest before that. What it says about suprema over all times is otherwise only a lower bound.
  public var isComplete: Bool { returnCode.isSuccess }

  /// A number from the summary of an observer; NaN if there is none.
  public func number(_ observer: String, _ key: String) -> Double {
    observers[observer]?[key]?.number ?? .nan
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
  /// - Throws: `ScalingError` if `kappa` is none.
  init(_ outcome: Run.Outcome) throws {
    returnCode = outcome.summary.returnCode
    observers = outcome.summary.observers
    record = outcome.record
    tables = outcome.tables
    guard let subject = outcome.experiment.network, let facts = outcome.summary.network else {
      let facts = outcome.summary.deep!
      network = Numbers(
        width: facts.hidden.max()!, kappa: facts.kappa, kappaPrime: 1, initialLoss: facts.initialLoss ?? .nan,
        loss: facts.loss ?? .nan)
      scaling = try Scaling(kappa: facts.kappa, kappaPrime: 1)
      (state, startNorms) = ([], Dictionary(uniqueKeysWithValues: ParameterPart.allCases.map { ($0, .nan) }))
      return
    }
    network = Numbers(
      width: facts.width, kappa: facts.kappa, kappaPrime: facts.kappaPrime, initialLoss: facts.initialLoss,
      loss: facts.loss)
    scaling = subject.scaling
    state = outcome.integratedState
    let distance = DistanceFromStart(subject.initialState.span, shape: subject.flow.shape)
    startNorms = Dictionary(
      uniqueKeysWithValues: ParameterPart.allCases.map { ($0, distance.startNorm($0)) })
  }
}
