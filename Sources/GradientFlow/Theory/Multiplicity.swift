import Foundation
import UntrustedNumbers

extension Activation {
  /// The multiplicity of `sigma` at 0, the smallest `p >= 1` with `sigma^(p)(0) != 0`, found from `sigma'(h) ~ h^(p-1)`; one-sided where
  /// there is a kink. `nil` if `sigma` is constant near 0.
  ///
  /// A network of two layers that starts with tiny weights condenses early in training to at most `2p` directions (Zhou, Zhou, Luo, Zhang, Xu,
  /// NeurIPS 2022, arXiv 2105.11686): where `f` is still small the neurons follow `w' ~ a sum_i y_i sigma'(w.x_i) x_i` with the leading term of
  /// `sigma'`.
  public var multiplicityAtZero: Int? {
    // Rounding is far below and the next term of the series far above.
    let h = 1e-4
    let z = [h, -h, 2 * h, -2 * h]
    var (value, derivative) = (z, z)
    var valueSpan = value.mutableSpan
    var derivativeSpan = derivative.mutableSpan
    evaluate(z.span, value: &valueSpan, derivative: &derivativeSpan)
    let near = max(abs(derivative[0]), abs(derivative[1]))
    let far = max(abs(derivative[2]), abs(derivative[3]))
    guard near > 0, far.isFinite else { return nil }
    return 1 + max(0, Int(saturating: log2(far / near).rounded()))
  }
}
