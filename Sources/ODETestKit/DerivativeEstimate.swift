/// A derivative by finite differences with a bound on its error.
///
/// Central differences of order 8 at a range of step sizes `h`, each with the bound `4 max(|D_2h - D_h|, |D_4h - D_h|)`
/// for the truncation error and `16 eps max|f| / h` for rounding (its stencil's weights add up to 2.2); the step with the
/// smallest sum wins. No parameter depends on the function's scale.
struct DerivativeEstimate {
  let value: Double
  let errorBound: Double
  private let scale: Double

  /// The step sizes, in units of a quarter of the reach.
  static let steps = (2...18).map { 1 / Double(1 << $0) }
  private static let weights = [4.0 / 5, -1.0 / 5, 4.0 / 105, -1.0 / 280]

  /// The points at which the function is needed.
  ///
  /// - Parameter reach: no point is further from `z` than this.
  static func points(around z: Double, reach: Double) -> [Double] {
    steps.flatMap { step -> [Double] in
      let h = step * reach / 4
      return (1...4).flatMap { [z + Double($0) * h, z - Double($0) * h] }
    }
  }

  /// - Parameters:
  ///   - values: the function at ``points(around:reach:)``.
  ///   - scale: of the function elsewhere. A difference like `1 - tanh^2` keeps the rounding errors of that size where it is small.
  init(at z: Double, reach: Double, values: [Double], scale: Double = 0) {
    let points = Self.points(around: z, reach: reach)
    var differences: [(derivative: Double, rounding: Double)] = []
    for i in Self.steps.indices {
      let h = Self.steps[i] * reach / 4
      var sum = 0.0
      var largest = scale
      for j in 0..<4 {
        let k = 8 * i + 2 * j
        // The points as rounded are not quite symmetric; their true distance enters.
        let width = (points[k] - points[k + 1]) / (2 * Double(j + 1))
        sum += Self.weights[j] * (values[k] - values[k + 1]) / width
        largest = max(largest, abs(values[k]), abs(values[k + 1]))
      }
      differences.append((sum, 16 * Double.ulpOfOne * (largest + abs(sum * z)) / h))
    }
    var best = (value: differences[0].derivative, bound: Double.infinity)
    for i in 2..<differences.count {
      // Two agreements in a row: one may be chance where the step is not small enough yet.
      let fine = differences[i]
      let changes = [differences[i - 1], differences[i - 2]].map { abs($0.derivative - fine.derivative) }
      let bound = 4 * changes.max()! + fine.rounding
      if bound < best.bound { best = (fine.derivative, bound) }
    }
    self.scale = scale
    value = best.value
    errorBound = best.bound
  }

  /// Whether `claimed` may be the derivative. A few ulp are left for the claim's own rounding.
  func agrees(with claimed: Double) -> Bool {
    abs(claimed - value) <= errorBound + 1e-12 * abs(value) + 8 * .ulpOfOne * scale
  }
}
