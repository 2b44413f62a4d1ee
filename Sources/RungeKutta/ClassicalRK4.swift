import ODECore

/// The classical Runge-Kutta method of order 4 with a fixed step.
///
/// Stable for `h rho <= 2.785293563405282` on the negative real axis. The automatic step takes a
/// quarter of that, `h rho = 0.70`: the local error of the fastest mode is then about
/// `0.7^5 / 120 = 1.4e-3` of it, and `rho` may grow fourfold before the next estimate without harm.
///
/// Dense output is the cubic Hermite interpolant (order 3); the derivative at the end serves the next
/// step, so a run of `n` steps takes `4 n + 1` evaluations. No error estimate; each step is checked to
/// be finite. Source: Hairer, Norsett, Wanner, *Solving ODEs I*, II.1 table 1.2, II.6 (6.7).
public struct ClassicalRK4: Integrator {
  public var name: String { "rk4" }
  public var isAdaptive: Bool { false }
  /// The step size, given or from the stability limit.
  public var step: FixedStep
  /// See ``StepControl/threads``.
  public var threads: Int?

  /// The step, and how many threads share the state; `nil`: as many as its length pays for.
  public init(step: FixedStep = .automatic(), threads: Int? = nil) {
    self.step = step
    self.threads = threads
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` with `initialFailure` for a step that is not positive and finite,
  ///   or an automatic one for a system without an estimate of its spectral radius.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> FixedStepState {
    try FixedStepState(
      problem, Self.tableau, step, stabilityLimit: Self.stabilityLimit, defaultFraction: 0.25,
      threads: threads, name,
      restart)
  }

  /// Where `1 + z + z^2/2 + z^3/6 + z^4/24 = 1`, `z < 0`.
  static let stabilityLimit = 2.785293563405282

  static let tableau = ButcherTableau.builtIn {
    try ButcherTableau(
      name: "rk4", a: [[], [0.5], [0, 0.5], [0, 0, 1]], b: [1 / 6.0, 1 / 3.0, 1 / 3.0, 1 / 6.0],
      c: [0, 0.5, 0.5, 1], order: 4, denseOutput: .hermite)
  }
}
