import ODECore

/// Any embedded explicit Runge-Kutta pair, given by its tableau.
///
/// ```swift
/// let heunEuler = try EmbeddedRungeKutta(
///   ButcherTableau(
///     name: "heun-euler", a: [[], [1]], b: [0.5, 0.5], bHat: [1, 0], c: [0, 1], order: 2,
///     embeddedOrder: 1, denseOutput: .hermite))
/// ```
public struct EmbeddedRungeKutta: Integrator {
  public var name: String { tableau.name }
  /// The method's coefficients.
  public let tableau: ButcherTableau
  /// Tolerances, norm and step limits.
  public var control: StepControl

  /// The coefficients, which must have an error estimate, and the control of the steps.
  public init(_ tableau: ButcherTableau, _ control: StepControl = StepControl()) {
    self.tableau = tableau
    self.control = control
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` if the tableau has no embedded method, a setting is
  ///   unusable, or `f` is not finite at the start.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> EmbeddedState {
    try EmbeddedState(problem, tableau: tableau, control, name, restart)
  }
}
