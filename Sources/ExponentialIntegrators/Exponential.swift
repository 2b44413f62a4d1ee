import ODECore
import RungeKutta

/// Exponential integrators: the stiff linear part of a problem is taken exactly.
///
/// - ``Method/magnus``: ``ResidualMagnus``, for flows that few residuals drive.
/// - ``Method/rungeKutta(_:)``: ``ExponentialRungeKutta``, for any system.
/// - ``Method/automatic``: the former where the system allows it and forwards in time, else exprb43 in Krylov spaces, or Krogstad's
///   method for a system that provides its stiff linear part.
///
/// Source: Hochbruck, Ostermann, *Exponential integrators*, Acta Numerica 19 (2010) 209-286, doi:10.1017/S0962492910000048.
public struct Exponential: Integrator {
  /// Which method.
  public enum Method: Sendable, Equatable {
    /// `magnus` for flows of residuals, else `krogstad`.
    case automatic
    /// Steps in the space of residuals, for flows only.
    case magnus
    /// An exponential Runge-Kutta method, for any system.
    case rungeKutta(ExponentialMethod)
  }

  public let name = "exponential"
  /// Which scheme makes the steps.
  public var method: Method
  /// Tolerances, norm and step limits; see the methods for what they make of them.
  public var control: StepControl

  /// The scheme and the control of its steps.
  public init(_ method: Method = .automatic, _ control: StepControl) {
    (self.method, self.control) = (method, control)
  }

  private var magnus: ResidualMagnus {
    ResidualMagnus(rtol: control.rtol, initialStep: control.initialStep, maxStep: control.maxStep)
  }

  public func refusal(of problem: ODEProblem) -> String? {
    method == .magnus ? magnus.refusal(of: problem).map { "method 'magnus': \($0)" } : nil
  }

  public func matrixMemory(for problem: ODEProblem) -> Double {
    switch method {
    case .automatic where magnus.refusal(of: problem) == nil, .magnus: magnus.matrixMemory(for: problem)
    case .automatic: automatic(problem).matrixMemory(for: problem)
    case .rungeKutta(let chosen): ExponentialRungeKutta(chosen, control).matrixMemory(for: problem)
    }
  }

  /// Where residuals are no help.
  private func automatic(_ problem: ODEProblem) -> ExponentialRungeKutta {
    let provides = problem.direction > 0 && problem.system is any PhiFunctionProviding
    return ExponentialRungeKutta(provides ? .krogstad : .exprb43, control)
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` as the method chosen.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> ErasedState {
    switch method {
    case .automatic where magnus.refusal(of: problem) == nil:
      return try state(magnus, problem, restart, "magnus, since few residuals drive the flow")
    case .automatic:
      return try make(automatic(problem).method, problem, restart)
    case .magnus:
      return try state(magnus, problem, restart, "magnus")
    case .rungeKutta(let chosen):
      return try make(chosen, problem, restart)
    }
  }

  private func make(_ method: ExponentialMethod, _ problem: ODEProblem, _ restart: Restart?) throws
    -> ErasedState
  {
    let integrator = ExponentialRungeKutta(method, control)
    let part =
      integrator.usesProvidedPart(problem)
      ? "the system's own linear part" : "the Jacobian in Krylov spaces"
    return try state(integrator, problem, restart, "\(method.name) with \(part)")
  }

  private func state(
    _ integrator: some Integrator, _ problem: ODEProblem, _ restart: Restart?, _ reason: String
  ) throws -> ErasedState {
    // Behind a discontinuity only the method counts.
    let restart = restart?.stepSize == 0 ? nil : restart
    return ErasedState(
      try integrator.makeState(for: problem, restart: restart), method: name, reason: reason)
  }
}
