/// Measures a local error: a step is accepted if the value is at most 1.
///
/// ``WRMSNorm`` is the default. A conformer of your own may look at what matters only, e.g. the
/// outputs of a network instead of its weights:
///
/// ```swift
/// struct FirstComponents: ErrorNorm {
///   let count: Int
///   func norm(of error: Span<Double>, from y0: Span<Double>, to y1: Span<Double>, rtol: Double, atol: Double) -> Double {
///     (0..<count).map { abs(error[$0]) / (atol + rtol * abs(y1[$0])) }.max() ?? 0
///   }
/// }
/// ```
///
/// Requirements: non-negative, zero for a zero error, and proportional to the error. NaN rejects the
/// step. That `y1` is finite is checked beforehand.
public protocol ErrorNorm {
  /// - Parameters:
  ///   - error: the estimated local error.
  ///   - y0: the state before the step.
  ///   - y1: the state after it.
  func norm(
    of error: Span<Double>, from y0: Span<Double>, to y1: Span<Double>, rtol: Double, atol: Double
  ) throws -> Double
}
