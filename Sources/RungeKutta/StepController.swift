/// How the size of a step follows from the errors of the steps before it. An error of 1 is the tolerance.
///
/// The error of a step of size `h` is taken to be proportional to `h^k`, `k` the order of the error estimate. Shipped are
/// ``PIController`` and ``PIDController``. Requirements: `growth` is positive and finite, 1 at most right after a rejection;
/// `reduction` lies in `(0, 1)`.
public protocol StepController: Sendable {
  /// The factor on the step size after an accepted step.
  ///
  /// - Parameters:
  ///   - error: of the step, at most 1; may be 0.
  ///   - previous: the error of the accepted step before, at least ``ErrorMemory/least``.
  ///   - beforePrevious: that of the one before that.
  ///   - k: the order of the error estimate.
  ///   - afterRejection: whether the step was tried again after a rejection.
  func growth(
    _ error: Double, previous: Double, beforePrevious: Double, order k: Int, afterRejection: Bool
  ) -> Double
  /// The factor after a rejected step, whose error is above 1.
  func reduction(_ error: Double, order k: Int) -> Double
  /// The factor after a step that gave NaN or infinity, in `(0, 1)`.
  var minFactor: Double { get }
  /// How many errors of accepted steps it looks back on, 1 or 2.
  var memoryCount: Int { get }
  /// What is wrong with the settings; `nil` if nothing is.
  var complaint: String? { get }
}

/// The errors of the last accepted steps.
public enum ErrorMemory {
  /// The memory of a run that has just begun, and the least that is remembered: an error that is zero by chance must not hold
  /// the next step back.
  public static let least = 1e-4
}
