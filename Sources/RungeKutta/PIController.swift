import Foundation

/// Proportional-integral control of the step size after an error estimate `err` (1 is the tolerance):
///
///     h_new = h * clamp(safety * err^-(1/k - 0.75 beta) * errOld^beta, minFactor, maxFactor)
///
/// with `k` the order of the error estimate (the embedded pair's lower order plus one).
///
/// After a rejection the integral part is left out, and the step accepted next does not grow.
/// `beta = 0` is the classical controller. Source: Hairer, Wanner, *Solving ODEs II*, IV.2 (2.43);
/// constants of the code DOPRI5.
public struct PIController: StepController, Equatable {
  /// Of the step that would just pass, the fraction that is tried; in `(0, 1]`.
  public var safety: Double
  /// The strongest shrinking of a step; in `(0, 1)`.
  public var minFactor: Double
  /// The strongest growth of a step; above 1.
  public var maxFactor: Double
  /// The weight of the integral part, 0 to 0.2; more is smoother and slower.
  public var beta: Double

  /// The exponents and limits of the controller.
  public init(
    safety: Double = 0.9, minFactor: Double = 0.2, maxFactor: Double = 10, beta: Double = 0.04
  ) {
    self.safety = safety
    self.minFactor = minFactor
    self.maxFactor = maxFactor
    self.beta = beta
  }

  public var memoryCount: Int { 1 }

  public func growth(
    _ error: Double, previous: Double, beforePrevious: Double, order k: Int, afterRejection: Bool
  ) -> Double {
    let wanted =
      error == 0
      ? maxFactor
      : safety * pow(error, -(1 / Double(k) - 0.75 * beta)) * (beta == 0 ? 1 : pow(previous, beta))
    return min(max(wanted, minFactor), afterRejection ? 1 : maxFactor)
  }

  public func reduction(_ error: Double, order k: Int) -> Double {
    // Always a true reduction, however gentle the settings.
    min(max(safety * pow(error, -(1 / Double(k) - 0.75 * beta)), minFactor), 0.95)
  }

  public var complaint: String? {
    if let complaint = factorComplaint(safety, minFactor, maxFactor) { return complaint }
    return beta >= 0 && beta <= 0.2 ? nil : "beta is \(beta), it must be in [0, 0.2]"
  }
}
