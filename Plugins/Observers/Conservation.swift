import DeepNetworks
import GradientFlow
import ODECore

/// `conservation`: the largest relative defect, over neurons and time, of the law (77), ``ConservationDefect``, which the
/// exact flow keeps for every neuron if the activation is positively homogeneous of degree 1 (ReLU, leaky ReLU, linear): a
/// free estimate of the error of the integration. NaN in the state makes it NaN.
///
/// - Columns: `conservationDefect`, the largest over the neurons at that time.
/// - Summary: `applicable`; `maxDefect`, the largest over neurons, accepted steps and recorded times,
///   or the text `not applicable` for other activations.
public final class Conservation: FlowObserver {
  public let name = "conservation"
  public let needsGradientFlow = true
  public let columns = ["conservationDefect"]
  public let watchesSteps = true
  public let isRotationInvariant = true

  /// `nil` if the law does not apply.
  private var law: ConservationDefect?
  private var largest = 0.0

  /// The observer has no parameters.
  public init() {}

  /// Networks of any depth have an observer of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    problem.system is ArchitectureFlow ? LayerConservationWatch(parameters: problem.system.dimension) : self
  }

  /// The largest defect so far.
  public var memory: [Double] {
    get { [largest] }
    set { if let value = newValue.first { largest = value } }
  }

  public func begin(_ snapshot: FlowSnapshot) {
    largest = 0
    let network = snapshot.flow.network
    law =
      network.activation.homogeneity == 1
      ? snapshot.withState { ConservationDefect($0, of: network) } : nil
  }

  public func step(_ snapshot: FlowSnapshot) { _ = measure(snapshot, above: largest) }

  public func record(_ snapshot: FlowSnapshot) -> [Double] { [measure(snapshot)] }

  public func finish(_ snapshot: FlowSnapshot) -> [String: ObservedValue] {
    guard law != nil else {
      return ["maxDefect": .text("not applicable"), "applicable": .flag(false)]
    }
    _ = measure(snapshot)
    return ["maxDefect": .number(largest), "applicable": .flag(true)]
  }

  /// The largest defect of this snapshot, or `known` if none is larger; NaN if the law does not apply.
  private func measure(_ snapshot: FlowSnapshot, above known: Double = -.infinity) -> Double {
    guard let law else { return .nan }
    let defect = snapshot.withState { law.largest($0, above: known) }
    largest = ConservationDefect.larger(largest, defect)
    return defect
  }
}
