import Foundation

/// Proportional-integral-derivative control of the step size:
///
///     h_new = h * clamp(safety * err^(-b1/k) * errOld^(-b2/k) * errOlder^(-b3/k), minFactor, maxFactor)
///
/// with `k` the order of the error estimate. It looks back on two errors and damps the size's oscillation where stability, not
/// accuracy, limits the step. After a rejection the step accepted next does not grow.
///
/// The default coefficients are those of Söderlind's digital filter H211b with b = 4: `(1/4, 1/4, 0)` and a ratio limiter left
/// out. `PIDController(b1: 0.7, b2: -0.4, b3: 0)` is the PI controller of Gustafsson. Source: Söderlind, *Digital filters in adaptive time-stepping*, ACM TOMS 29 (2003) 1-26,
/// doi:10.1145/641876.641877.
public struct PIDController: StepController, Equatable {
  /// The weight of the last error; positive.
  public var b1: Double
  /// The weight of the error before.
  public var b2: Double
  /// The weight of the error before that.
  public var b3: Double
  /// Of the step that would just pass, the fraction that is tried; in `(0, 1]`.
  public var safety: Double
  /// The strongest shrinking of a step; in `(0, 1)`.
  public var minFactor: Double
  /// The strongest growth of a step; above 1.
  public var maxFactor: Double

  /// The exponents and limits of the controller.
  public init(
    b1: Double = 0.25, b2: Double = 0.25, b3: Double = 0, safety: Double = 0.9, minFactor: Double = 0.2,
    maxFactor: Double = 10
  ) {
    self.b1 = b1
    self.b2 = b2
    self.b3 = b3
    self.safety = safety
    self.minFactor = minFactor
    self.maxFactor = maxFactor
  }

  public var memoryCount: Int { 2 }

  public func growth(
    _ error: Double, previous: Double, beforePrevious: Double, order k: Int, afterRejection: Bool
  ) -> Double {
    let order = Double(k)
    let wanted =
      safety * pow(max(error, ErrorMemory.least), -b1 / order) * pow(previous, -b2 / order)
      * pow(beforePrevious, -b3 / order)
    return min(max(wanted, minFactor), afterRejection ? 1 : maxFactor)
  }

  public func reduction(_ error: Double, order k: Int) -> Double {
    // The errors before say nothing of a step that failed: the classical law.
    min(max(safety * pow(error, -1 / Double(k)), minFactor), 0.95)
  }

  public var complaint: String? {
    if !(b1 > 0 && b1 <= 2 && b2.isFinite && b3.isFinite) {
      return "the weights are \(b1), \(b2), \(b3); the first must be in (0, 2], the others finite"
    }
    return factorComplaint(safety, minFactor, maxFactor)
  }
}

/// What is wrong with the factors that every controller has.
func factorComplaint(_ safety: Double, _ minFactor: Double, _ maxFactor: Double) -> String? {
  if !(safety > 0 && safety <= 1) { return "safety is \(safety), it must be in (0, 1]" }
  if !(minFactor > 0 && minFactor < 1) { return "minFactor is \(minFactor), it must be in (0, 1)" }
  if !(maxFactor > 1) { return "maxFactor is \(maxFactor), it must be above 1" }
  return nil
}
