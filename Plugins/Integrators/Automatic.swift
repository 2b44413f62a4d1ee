import GradientFlow
import KinkAwareIntegrator
import ODECore
import PluginKit
import RungeKutta
import SundialsIntegrators

/// Picks a method by the problem, and says why (``IntegratorState/choice``).
///
/// What the rules rest on, for a two-layer flow:
/// - where neurons can be followed exactly, and share few activation patterns, ``KinkAware`` is by far the fastest and
///   the most accurate; with many patterns it costs more than an explicit pair at a loose tolerance;
/// - the late phase is stiff, its rates spreading like the eigenvalues of the Gram matrix; an explicit method then takes
///   steps in proportion to their ratio, an implicit one with the flow's own Newton solver does not care;
/// - kinks break the high orders of an implicit multistep method: where neurons turn far (condensed regime), each crossing
///   throws BDF back to order one, and an explicit pair is cheaper.
public struct Automatic: Integrator {
  public let name = "auto"
  public var rtol: Double
  public var atol: Double

  /// The ratio of the Gram matrix's eigenvalues from which on a smooth flow counts as stiff. Dormand-Prince takes about
  /// twice as many evaluations as this ratio for each factor e of the loss, BDF a few hundred in all.
  public static let stiffRatio = 50.0
  /// The same for a piecewise-linear activation: each kink that a neuron crosses costs BDF some steps.
  public static let stiffRatioWithKinks = 300.0
  /// Below this relative tolerance methods that step over kinks spend their time there.
  public static let chatteringTolerance = 1e-5
  /// The largest `n` whose Gram matrix is looked at; more samples count as stiff.
  public static let largestGram = 512

  public init(rtol: Double, atol: Double) {
    self.rtol = rtol
    self.atol = atol
  }

  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> ErasedState {
    let (method, reason) = choose(problem)
    return ErasedState(
      try method.makeState(for: problem, restart: restart), choice: "\(method.name): \(reason)")
  }

  /// The method for `problem` and one sentence why.
  func choose(_ problem: ODEProblem) -> (any Integrator, String) {
    let explicit = DormandPrince(rtol: rtol, atol: atol)
    let implicit = CVODEBDF(rtol: rtol, atol: atol)
    guard let flow = problem.system as? TwoLayerFlow else {
      return (explicit, "nothing is known of the system")
    }
    if KinkAware.canIntegrate(flow) == nil, problem.direction > 0,
      Self.patterns(flow.data) <= Double(flow.shape.width) || rtol < Self.chatteringTolerance
    {
      return (KinkAware(rtol: rtol), "piecewise linear: neurons are followed exactly over and along kinks")
    }
    guard flow.newtonSolution == .exact else {
      return (explicit, "Newton's systems of this flow have no cheap exact solution")
    }
    let ratio = gramRatio(flow, problem.initialState)
    let rates = "rates of the flow differ by a factor of \(Int(min(ratio, 1e9)))"
    guard !flow.activation.kinks.isEmpty else {
      return ratio > Self.stiffRatio
        ? (implicit, "smooth and stiff: \(rates)") : (explicit, "smooth and not stiff: \(rates)")
    }
    // kappa m = m^(1 - gamma): where it is large, neurons hardly turn.
    guard flow.scaling.kappa * Double(flow.shape.width) > 1 else {
      return (explicit, "condensed regime: neurons cross many kinks, which an implicit method pays for")
    }
    return ratio > Self.stiffRatioWithKinks
      ? (implicit, "linear regime, few neurons cross a kink, and stiff: \(rates)")
      : (explicit, "linear regime, not stiff: \(rates)")
  }

  /// A bound on the number of ways in which a hyperplane through 0 can part the inputs (Cover 1965): the number of
  /// groups of neurons that ``KinkAware`` has to handle.
  static func patterns(_ data: Dataset) -> Double {
    var (term, sum) = (1.0, 0.0)
    for j in 0..<min(data.inputDimension, data.sampleCount) {
      sum += term
      term *= Double(data.sampleCount - 1 - j) / Double(j + 1)
    }
    return 2 * sum
  }

  /// The ratio of the Gram matrix's extreme eigenvalues; infinite if it is singular, or too large to ask.
  private func gramRatio(_ flow: TwoLayerFlow, _ state: [Double]) -> Double {
    guard flow.data.sampleCount <= Self.largestGram,
      let eigenvalues = try? flow.gramMatrix(state.span).eigenvalues(), eigenvalues[0] > 0
    else { return .infinity }
    return eigenvalues.last! / eigenvalues[0]
  }
}
