/// A loss of `c` outputs that couples them, such as the cross-entropy of classes. Other losses are summed over the outputs.
///
/// Outputs and targets of one sample lie side by side, `n c` numbers for `n` samples. The functions of ``Loss`` itself are those for
/// `c = 1`.
///
/// Requirements on a conformer: `derivative` and the second derivatives are derivatives by the outputs; samples do not
/// influence each other.
public protocol CoupledLoss: Loss {
  /// - Throws: ``LossTargetError`` if this loss makes no sense for these targets of `c` outputs.
  func validate(targets: [Double], outputs c: Int) throws

  /// Writes `l`, `n` numbers, and its derivative by each output, `n c`.
  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, outputs c: Int, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>)

  /// Writes the second derivatives, for each sample a symmetric block of `c x c`.
  func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, outputs c: Int, into result: inout MutableSpan<Double>)
}

extension CoupledLoss {
  public func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    evaluate(f, y, outputs: 1, value: &value, derivative: &derivative)
  }

  public func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>) {
    secondDerivative(f, y, outputs: 1, into: &result)
  }
}
