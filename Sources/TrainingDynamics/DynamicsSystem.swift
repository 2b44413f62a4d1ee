import Networks
import ODECore

/// A gradient flow's parameters under other ``/Networks/Dynamics``, as a system: the state is `theta` and what the dynamics hold beside it.
///
/// ```swift
/// let flow = try TwoLayerFlow(width: 100, data: data, scaling: scaling, activation: tanh, loss: mse)
/// let problem = try ODEProblem(flow, to: 10, initialState: start).moved(by: HeavyBall(epsilon: 0.5))
/// let solution = try integrate(problem, with: DormandPrince(rtol: 1e-6, atol: 1e-9))
/// let theta = problem.ambientState(solution.state)
/// ```
///
/// Each right-hand side evaluates the flow's once. Observers see the flow with `theta`, see ``/ODECore/ODEProblem/moved(by:rest:)``.
/// Holds scratch memory: one instance serves one integration at a time.
public class DynamicsSystem: ODESystem {
  /// What is moved; its right-hand side is the force `F`.
  public let flow: any GradientSystem
  /// How.
  public let dynamics: any Dynamics
  /// `N`, the number of parameters.
  public let parameterCount: Int
  private let scratch: StateVector

  init(_ flow: any GradientSystem, _ dynamics: any Dynamics) {
    precondition(dynamics.vectorCount > 0)
    (self.flow, self.dynamics) = (flow, dynamics)
    parameterCount = flow.dimension
    scratch = StateVector(count: flow.dimension)
  }

  /// The system for `flow`: one with products and Newton's systems where the dynamics are linear and the flow has these.
  public static func make(_ flow: any GradientSystem, _ dynamics: any Dynamics) -> DynamicsSystem {
    if let linear = dynamics as? any LinearDynamics, let known = flow as? any DifferentiableFlow {
      return LinearDynamicsSystem(known, linear)
    }
    return DynamicsSystem(flow, dynamics)
  }

  public var dimension: Int { dynamics.vectorCount * parameterCount }

  /// The state beyond `theta` at the start: zeros.
  public var initialRest: [Double] { [Double](repeating: 0, count: dimension - parameterCount) }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    precondition(y.count == dimension && dy.count == dimension)
    try scratch.withMutableSpan { try force(t, y.extracting(0..<parameterCount), into: &$0) }
    scratch.withSpan { dynamics.derivative(t, y, force: $0, into: &dy) }
  }

  /// Writes `F(theta)`, `N` numbers.
  public func force(_ t: Double, _ theta: Span<Double>, into result: inout MutableSpan<Double>) throws {
    try flow.derivative(t, theta, into: &result)
  }

  /// The dynamics' energy of a state; `nil` if they know of none.
  ///
  /// - Parameter potential: `R(theta)` if it is known.
  public func energy(_ t: Double, _ y: Span<Double>, potential: Double? = nil) throws -> Double? {
    precondition(y.count == dimension)
    let norms = (0..<dynamics.vectorCount).map { k in
      flow.mobilityBlocks.reduce(0.0) { sum, block in
        var squares = 0.0
        for i in block.range { squares += y[k * parameterCount + i] * y[k * parameterCount + i] }
        return sum + squares / block.mobility
      }
    }
    let potential = try potential ?? flow.potential(y.extracting(0..<parameterCount))
    return dynamics.energy(t, potential: potential, squaredNorms: norms)
  }
}
