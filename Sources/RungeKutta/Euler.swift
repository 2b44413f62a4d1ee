import ODECore

/// Euler's method, `y_1 = y_0 + h f(t_0, y_0)`: order 1, one evaluation per step. For a gradient flow it
/// is gradient descent with learning rate `h`.
///
/// Stable for `h rho <= 2` on the negative real axis. The automatic step takes a twentieth of that,
/// `h rho = 0.1`: the error of a decaying mode of rate `lambda` is about `h lambda / 2` of its
/// decay exponent, hence at most 5 %, and far less in the slow modes that last.
///
/// Dense output is linear, of order 1 as the method is. No error estimate; each step is checked to be finite.
public struct Euler: Integrator {
  public var name: String { "euler" }
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
      problem, Self.tableau, step, stabilityLimit: 2, defaultFraction: 0.05, threads: threads, name, restart)
  }

  static let tableau = ButcherTableau.builtIn {
    try ButcherTableau(name: "euler", a: [[]], b: [1], c: [0], order: 1, denseOutput: .linear)
  }
}
