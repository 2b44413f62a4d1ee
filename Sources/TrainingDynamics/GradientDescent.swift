import Networks
import ODECore
import RungeKutta

/// Gradient descent with a learning rate `eta` and momentum `m`, on all data: what a gradient flow is the limit of.
///
///     v <- m v + eta F(theta),   theta <- theta + v,      F = -M grad R
///
/// or with the force at `theta + m v` if it looks ahead (Nesterov's momentum). The iterates are those of the deep-learning libraries' `SGD` with the
/// same learning rate and momentum.
///
/// **Time.** One iteration is worth the time `h` of the problem that it is compared with:
/// - of the gradient flow, and of other dynamics without a velocity, `h = eta/(1 - m)`: with `m` fixed and `eta` to zero the iterates
///   follow it, with an error of order `eta`;
/// - of ``/Networks/MomentumDynamics``, as these say: `h = sqrt(eta epsilon)`, `m = 1 - h/epsilon` for a heavy ball, `h = sqrt(eta)` and a momentum
///   that follows from `t` for Nesterov's equation.
///
/// Between iterates the solution is a straight line. A last iteration that would go beyond the end is shortened.
///
/// It is stable while `eta lambda < 2 (1 + m)` for the largest curvature `lambda` (without looking ahead), and leaves the flow beyond. One gradient
/// per iteration. With momentum on a flow, ``/ODECore/Restart/errorHistory`` holds `v`.
///
/// Sources: Cauchy, *C. R. Acad. Sci.* 25 (1847) 536-538; Polyak 1964, doi:10.1016/0041-5553(64)90137-5; Sutskever et al., ICML 2013 (looking ahead).
public struct GradientDescent: Integrator, Sendable {
  public let name = "gradient-descent"
  public var isAdaptive: Bool { false }
  /// `eta`, positive; `nil` for a twentieth of `2/rho` with the spectral radius `rho` of the flow at the start.
  public var learningRate: Double?
  /// `m`, from 0 and below 1; `nil` for none, or what the dynamics say.
  public var momentum: Double?
  /// Whether the force is taken where momentum alone would lead.
  public var looksAhead: Bool
  /// A factor on the time of an iteration, for studies of its convergence: `eta` changes with it as the dynamics say.
  public var stepScale = 1.0

  /// The learning rate, `nil` for the largest stable one; momentum; whether the gradient is taken ahead, as Nesterov does.
  public init(learningRate: Double? = nil, momentum: Double? = nil, looksAhead: Bool = false) {
    (self.learningRate, self.momentum, self.looksAhead) = (learningRate, momentum, looksAhead)
  }

  public func refusal(of problem: ODEProblem) -> String? {
    if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
      return "the learning rate is \(learningRate); it must be positive and finite"
    }
    if let momentum, !(momentum >= 0 && momentum < 1) {
      return "the momentum is \(momentum); it must be at least 0 and below 1"
    }
    guard problem.direction > 0 else { return "descent has no past: integrate forwards" }
    let moved = problem.system as? DynamicsSystem
    guard let flow = moved?.flow ?? problem.system as? any GradientSystem else {
      return "it descends a gradient, and this system says of none; take 'euler'"
    }
    guard learningRate != nil || flow is any SpectralRadiusEstimating else {
      return "the flow knows nothing of its stability; give learning-rate, or step"
    }
    guard let dynamics = moved?.dynamics, dynamics.vectorCount > 1 else { return nil }
    guard let own = dynamics as? any MomentumDynamics, dynamics.vectorCount == 2 else {
      return "the dynamics '\(dynamics.name)' have no iteration of their own; take 'euler'"
    }
    guard let eta = try? rate(for: problem) else { return nil }
    let h = stepScale * own.stepSize(learningRate: eta)
    let late = own.momentum(1e6 * h, stepSize: h)
    guard late >= 0 else {
      return
        "the learning rate \(eta) has a negative momentum under '\(dynamics.name)'; take a smaller one"
    }
    guard let momentum, abs(momentum - late) > 1e-9 else { return nil }
    return
      "momentum \(momentum) with learning rate \(eta) does not follow '\(dynamics.name)', whose momentum is \(late); leave momentum out"
  }

  /// The learning rate from the problem's start.
  func rate(for problem: ODEProblem) throws -> Double {
    if let learningRate { return learningRate }
    let flow = (problem.system as? DynamicsSystem)?.flow ?? problem.system
    guard let known = flow as? any SpectralRadiusEstimating else { return .nan }
    let theta = Array(problem.initialState.prefix(flow.dimension))
    let eta = try 0.1 / known.spectralRadius(problem.initialTime, theta.span)
    guard eta > 0, eta.isFinite else {
      throw IntegrationFailure(
        .initialFailure, "\(name): the spectral radius at the start suggests no learning rate; give one")
    }
    return eta
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` with `initialFailure` for what ``refusal(of:)`` says.
  public func makeState(
    for problem: ODEProblem, restart: Restart?
  ) throws -> SteppingState<GradientDescentMethod> {
    if let reason = refusal(of: problem) {
      throw IntegrationFailure(.initialFailure, "\(name): \(reason)")
    }
    return try SteppingState(problem) { y, _ in try GradientDescentMethod(problem, self, y, restart) }
  }
}
