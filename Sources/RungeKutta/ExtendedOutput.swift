/// A dense output that takes further stages, made only in steps that are interpolated.
///
/// With `K` all stages, the further ones last, `u = 1 - theta` and the method's `b`, the interpolant is the polynomial
///
///     y_0 + theta h (B + u (K_1 - B + theta (2 B - K_1 - K_end + u (D_1 + theta (D_2 + u (D_3 + theta D_4))))))
///
/// where `B = sum_i b_i k_i`, `D_j = sum_i weights[j][i] k_i`: that of Hairer, Norsett, Wanner, *Solving ODEs I*, II.6, for their DOP853.
public struct ExtendedOutput: Sendable, Equatable {
  /// Rows of the further stages, each as long as there are stages before it.
  public let a: [[Double]]
  /// Their abscissae.
  public let c: [Double]
  /// The coefficients of `D_1, D_2, ...`, one for each stage.
  public let weights: [[Double]]
  /// The interpolant's order.
  public let order: Int

  /// The coefficient of each stage at `theta`, for a method with weights `b` whose last stage is the derivative at the end.
  func coefficients(at theta: Double, b: [Double], into result: UnsafeMutablePointer<Double>) {
    let u = 1 - theta
    let end = b.count - 1
    for i in weights[0].indices {
      let weight = i < b.count ? b[i] : 0
      // From the innermost factor outwards they alternate, and the outermost is theta.
      var sum = 0.0
      for j in weights.indices.reversed() { sum = (weights[j][i] + sum) * (j % 2 == 0 ? u : theta) }
      sum = (2 * weight - (i == 0 ? 1 : 0) - (i == end ? 1 : 0) + sum) * theta
      sum = ((i == 0 ? 1 : 0) - weight + sum) * u
      result[i] = theta * (weight + sum)
    }
  }
}
