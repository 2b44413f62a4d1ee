import ODECore

/// The settings of a method with error control.
public struct StepControl {
  /// Relative tolerance. The default, 1e-6, is stricter than the field's usual 1e-3: gradient flows
  /// run to `t = 1e8`, where errors of 1e-3 per step show in the result (2 to 4 % in our trials).
  public var rtol: Double
  /// Absolute tolerance, in units of the state; default 1e-9.
  public var atol: Double
  /// Absolute tolerances by component, in place of ``atol``; with ``WRMSNorm`` and ``MaxNorm``.
  public var atols: [Double]?
  /// What of the local error counts.
  public var norm: any ErrorNorm
  /// How the step size follows the error.
  public var controller: any StepController
  /// The size of the first step; `nil` for an automatic choice: the algorithm of Hairer, Norsett,
  /// Wanner, *Solving ODEs I*, II.4, but at most `1/rho` for a system that is
  /// ``/ODECore/SpectralRadiusEstimating``.
  public var initialStep: Double?
  /// The largest step allowed, but for the last one's stretching by at most a hundredth.
  public var maxStep: Double
  /// Whether the embedded explicit pairs also hold `|h| rho` at most ``stabilityFraction`` of the pair's
  /// ``ButcherTableau/realStabilityInterval``, for a system that is ``/ODECore/SpectralRadiusEstimating``
  /// (for others it has no effect, nor for ``RKC``, which chooses its stages instead).
  ///
  /// Error control alone lets the step of a stiff problem grow until it rides on the edge of stability:
  /// fast modes that have long decayed are then kept alive, at the size of the tolerance, by the very
  /// steps that should damp them. Where the solution's distance from its limit falls below that, as a
  /// gradient flow's loss does, the run hangs there. The limit costs an estimate of `rho` every
  /// 25 to 200 accepted steps (``stabilityRefreshIntervals``) and some of the longest steps. Turn it off where
  /// the estimate is far too large and accuracy allows longer steps.
  public var limitsStepByStability: Bool
  /// Threads for operations on the state; `nil` for as many cores as its length pays for. Results are the
  /// same to the bit. The system's own functions use what threads they like.
  public var threads: Int?

  /// At 0.8 of the interval a step multiplies the fastest mode by 0.30 (``DormandPrince``) or -0.34
  /// (``BogackiShampine``), a slower one by less or by about its true decay: at 1 it would be 1 or -1.
  public static let stabilityFraction = 0.8
  /// The least and the most accepted steps between two estimates of `rho`: the interval doubles while
  /// estimates differ by less than a twentieth.
  public static let stabilityRefreshIntervals = 25...200

  /// See ``rtol``.
  public static let defaultRtol = 1e-6
  /// See ``atol``.
  public static let defaultAtol = 1e-9

  /// A control from its parts.
  public init(
    rtol: Double = defaultRtol, atol: Double = defaultAtol, norm: any ErrorNorm = WRMSNorm(),
    controller: any StepController = PIController(), initialStep: Double? = nil, maxStep: Double = .infinity,
    limitsStepByStability: Bool = true, threads: Int? = nil
  ) {
    self.rtol = rtol
    self.atol = atol
    self.norm = norm
    self.controller = controller
    self.initialStep = initialStep
    self.maxStep = maxStep
    self.limitsStepByStability = limitsStepByStability
    self.threads = threads
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` with `initialFailure` that says what would be right.
  package func validate(_ method: String, count: Int? = nil) throws {
    func refuse(_ complaint: String) -> IntegrationFailure {
      IntegrationFailure(.initialFailure, "\(method): \(complaint)")
    }
    guard rtol >= 0, rtol.isFinite else {
      throw refuse("rtol is \(rtol), it must be finite and not negative")
    }
    guard atol >= 0, atol.isFinite else {
      throw refuse("atol is \(atol), it must be finite and not negative")
    }
    guard rtol > 0 || atol > 0 else { throw refuse("rtol and atol are both 0; one must be positive") }
    if let atols {
      if let count, atols.count != count {
        throw refuse("atols has \(atols.count) elements, the state \(count)")
      }
      if let i = atols.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
        throw refuse("atols[\(i)] is \(atols[i]), it must be finite and not negative")
      }
      guard norm is WRMSNorm || norm is MaxNorm else {
        throw refuse("tolerances by component go with the norms wrms and max")
      }
    }
    if let initialStep, !(initialStep > 0 && initialStep.isFinite) {
      throw refuse("the initial step is \(initialStep), it must be positive and finite")
    }
    guard maxStep > 0 else { throw refuse("maxStep is \(maxStep), it must be positive") }
    try RungeKutta.validate(threads: threads, method)
    if let complaint = controller.complaint { throw refuse("controller: \(complaint)") }
  }
}

/// - Throws: ``/ODECore/IntegrationFailure`` with `initialFailure` for fewer than one thread.
func validate(threads: Int?, _ method: String) throws {
  guard let threads, threads < 1 else { return }
  throw IntegrationFailure(.initialFailure, "\(method): threads is \(threads), it must be at least 1")
}

/// The step size that an earlier run would have tried next, checked.
package func resumedStep(_ restart: Restart, _ problem: ODEProblem, _ method: String) throws -> Double {
  let h = restart.stepSize * problem.direction
  guard h > 0, h.isFinite else {
    throw IntegrationFailure(
      .initialFailure,
      "\(method): the restart's step size is \(restart.stepSize); it must be finite and point from t = \(problem.initialTime) to t = \(problem.finalTime)"
    )
  }
  return h
}
