/// The loss of one sample, `l(f, y)`; the risk is `R = (1/n) sum_i l(f_i, y_i)`.
///
/// With `l = (f - y)^2 / 2` this is (10) of the paper, and `l'` the residual `e_i`.
///
/// Requirements on a conformer, checked by `ODETestKit.LossConformance`: `derivative` and
/// `secondDerivative` are derivatives by `f`; each output element depends on the inputs of the same
/// index only.
public protocol Loss: Sendable {
  /// The name on the command line and in records.
  var name: String { get }

  /// Whether `l(f, y) = (f - y)^2 / 2`, so that statements on residuals apply.
  var isSquared: Bool { get }

  /// - Throws: ``LossTargetError`` if this loss makes no sense for these targets (e.g. logistic loss for targets other than -1, 1).
  func validate(targets: [Double]) throws

  /// Writes `l(f_i, y_i)` and its derivative by `f`; all four have length `n`.
  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>)

  /// Writes the second derivative of `l` by `f`.
  func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>)
}

extension Loss {
  public var isSquared: Bool { false }
  public func validate(targets: [Double]) throws {}
}

/// Targets that a loss cannot work with.
public struct LossTargetError: Error, Equatable, CustomStringConvertible {
  /// The name of the loss.
  public let loss: String
  /// The sample, from 0.
  public let index: Int
  /// Its `y_i`.
  public let target: Double
  /// What a target must be.
  public let expected: String

  /// The loss' name, which target it does not accept, and what it does.
  public init(loss: String, index: Int, target: Double, expected: String) {
    self.loss = loss
    self.index = index
    self.target = target
    self.expected = expected
  }

  public var description: String {
    "loss '\(loss)': the target of sample \(index) is \(target); it must be \(expected)"
  }
}
