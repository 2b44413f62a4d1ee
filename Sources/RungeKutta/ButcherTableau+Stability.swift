extension ButcherTableau {
  /// The coefficients of the stability polynomial `R(z) = 1 + sum_k z^k b^T A^(k-1) 1`, constant first:
  /// a step of size `h` along `y' = lambda y` multiplies `y` by `R(h lambda)`.
  ///
  /// Source: Hairer, Wanner, *Solving ODEs II*, IV.2 (2.12).
  public var stabilityPolynomial: [Double] {
    var power = [Double](repeating: 1, count: stageCount)
    var result = [1.0]
    for _ in 0..<stageCount {
      result.append(zip(b, power).reduce(0) { $0 + $1.0 * $1.1 })
      power = a.map { row in zip(row, power).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    return result
  }

  /// ``realStabilityInterval``, found by steps of 1/256 and bisection: an excursion beyond 1 that is narrower than that may be
  /// missed.
  func stabilityInterval() -> Double {
    let coefficients = stabilityPolynomial
    func isStable(_ z: Double) -> Bool {
      // The slack keeps rounding from deciding where |R| only touches 1.
      abs(coefficients.reversed().reduce(0) { $0 * -z + $1 }) <= 1 + 1e-14
    }
    let step = 1.0 / 256
    var inside = 0.0
    while isStable(inside + step) { inside += step }
    var outside = inside + step
    for _ in 0..<60 {
      let middle = (inside + outside) / 2
      if isStable(middle) { inside = middle } else { outside = middle }
    }
    return inside
  }
}
