import GradientFlow
import ODECore

/// Gradient flow of a two-layer network with a piecewise-linear activation, integrated as the Filippov system
/// that it is: neurons cross kinks, slide along them and let go at the right instants, within a step.
///
/// With `theta_k = (kappa' a_k, w_k)` every neuron moves by
///
///     alpha' = b.w,   w' = alpha b,   b = -(kappa/n) P_S sum_{i free} e_i s_i x_i,
///
/// a Lorentz boost, exact along a polynomial residual path; the path is found by collocation at the Radau IIA
/// nodes, of order `2 stages - 1` and L-stable. The conservation law (77) holds to rounding at any tolerance.
/// `docs/kink-aware.md` has the mathematics.
///
/// `rtol` bounds, per step, the relative change that the error of the residual path means for any neuron, and
/// ten times that for the residuals; there is no absolute tolerance.
///
/// It fails to start, with ``/ODECore/ReturnCode/initialFailure``, where ``canIntegrate(_:)`` gives a reason, for
/// integration backwards in time (a flow that has met a kink cannot be traced back), and for unusable settings.
///
/// Sources: Filippov, *Differential Equations with Discontinuous Righthand Sides* (1988); Utkin, *Sliding
/// Modes in Control and Optimization* (1992); Hairer, Wanner, *Solving ODEs II*, section IV.8.
public struct KinkAware: Integrator {
  /// What a neuron does that slides on a kink which begins to repel it, as its output weight passes through
  /// zero: staying and leaving to either side are all solutions in Filippov's sense.
  public enum Repelling: String, Sendable, CaseIterable {
    /// It leaves at once, to the steeper side, as curves of maximal slope of `R` do.
    case steepest
    /// It stays until the equivalent control leaves its range.
    case stay
  }

  public var name: String { "kink-aware" }
  /// The relative tolerance per step, in `(0, 1)`.
  public var rtol: Double
  /// Nodes of the collocation, 2 to 5.
  public var stages: Int
  /// What a sliding neuron does on a kink that begins to repel it.
  public var repelling: Repelling

  /// The tolerance, the number of Radau nodes, and what becomes of a neuron on a repelling kink.
  public init(rtol: Double = 1e-4, stages: Int = 3, repelling: Repelling = .steepest) {
    self.rtol = rtol
    self.stages = stages
    self.repelling = repelling
  }

  /// What ``stages`` may be.
  public static let stageRange = 2...5

  /// Why `system` is beyond this integrator; `nil` if it is not.
  public static func canIntegrate(_ system: any ODESystem) -> String? {
    guard let flow = system as? TwoLayerFlow else {
      return "it integrates the gradient flow of two-layer networks only"
    }
    guard flow.activation.pieces != nil else {
      return "it needs a piecewise-linear activation; '\(flow.activation.name)' is not: use 'cvode-bdf' or "
        + "'dormand-prince'"
    }
    let mostInputs = DenseMatrix.largestOrder
    if flow.data.sampleCount > mostInputs {
      let count = KinkProblem.distinctInputs(flow.data).first.count
      guard count <= mostInputs else {
        return
          "its matrices have a row and a column for each of \(count) inputs, and it takes at most \(mostInputs): use "
          + "'dormand-prince' or 'rkc'"
      }
    }
    return nil
  }

  public func refusal(of problem: ODEProblem) -> String? {
    if let reason = Self.canIntegrate(problem.system) { return reason }
    guard problem.direction > 0 else {
      return
        "the flow cannot be integrated backwards, from t = \(problem.initialTime) to \(problem.finalTime): "
        + "where neurons have come together on a kink the past is not unique"
    }
    return nil
  }

  /// - Throws: ``/ODECore/IntegrationFailure``; `BLASError` if there are more than 16 samples and OpenBLAS computes
  ///   wrongly on this machine.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> KinkAwareState {
    try KinkAwareState(self, problem, restart)
  }
}
