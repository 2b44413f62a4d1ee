/// Whether the flow is about to come to rest where `R > 0`.
extension KinkFlow {
  /// While every neuron stays in its mode, `e' = -C K e` (``RateMatrix``) with constant rates close to rest, so `e`
  /// tends to its part `e_inf` in the kernel, and every neuron has the boost of rapidity
  /// `eta = -(kappa/n) (D + sum_a z_a row_a)` at `int (e - e_inf) dt` still before it, which changes it by `|eta|` of itself at
  /// most. Sliding neurons are modes like others. The flow is on a plateau if
  /// - `R` falls by no more than `tolerance` of itself, and no `|eta|` exceeds it;
  /// - `e_inf` moves no mode beyond rounding: then the plateau is no saddle;
  /// - equivalent controls at `e_inf` lie in their ranges, no neuron at `w = 0` can descend from there, and no neuron makes a tenth of its way to a kink.
  ///
  /// No answer is given (false) for another loss than the squared one, where breakpoints lie off zero, and where
  /// positive rates are smaller than ``leastRate`` times the largest: a slow mode must not be taken for one that stays.
  ///
  /// It does not look at how large the force is now: over long steps `H` the rounding `u` of the residuals is
  /// multiplied by the rate matrix to `H lambda u`, far above rounding.
  func isOnPlateau(tolerance: Double) -> Bool {
    guard loss.isSquared, p.isHomogeneous, let limit = limitOfResiduals() else { return false }
    let (size, way) = (norm(now.residuals.array), norm(limit.decaying))
    guard way * way <= tolerance * size * size else { return false }
    let rounding = 500 * now.noise + 16 * Double.ulpOfOne / limit.leastRate * size
    return modes.modes.allSatisfy { mode in
      if mode.neurons.count == 0 { return true }
      if mode.pattern.isAtRest { return staysAtOrigin(mode, limit.residuals) }
      return isHeld(mode, at: limit.residuals, tolerance)
        && !isPushed(mode, by: limit.residuals, rounding)
        && staysNear(mode, limit.integral, tolerance)
    }
  }

  private struct Limit {
    var residuals, decaying, integral: [Double]
    /// The least positive rate over the largest.
    let leastRate: Double
  }

  private func limitOfResiduals() -> Limit? {
    // The next step decomposes them anew.
    guard (try? rates.decompose(modes, curvatures: now.curvatures)) != nil else { return nil }
    rates.decompositions -= 1
    let (n, lambda, left, right) = (p.n, rates.lambda.array, rates.left.pointer, rates.right.pointer)
    guard let largest = lambda.max(), largest > 0 else { return nil }
    let positive = lambda.filter { $0 > Double(8 * n) * .ulpOfOne * largest }
    guard let least = positive.min(), least >= Self.leastRate * largest else { return nil }
    let zero = [Double](repeating: 0, count: n)
    var limit = Limit(
      residuals: now.residuals.array, decaying: zero, integral: zero, leastRate: least / largest)
    for a in 0..<n where lambda[a] >= least {
      let part = dot(left + a * n, now.residuals.pointer, n)
      for i in 0..<n {
        let share = part * right[i * n + a]
        limit.residuals[i] -= share
        limit.decaying[i] += share
        limit.integral[i] += share / lambda[a]
      }
    }
    return limit
  }

  /// Whether neurons at `w = 0` cannot descend from there.
  private func staysAtOrigin(_ mode: Mode, _ e: [Double]) -> Bool {
    FilippovCorner(problem: p, residuals: e, sign: Double(mode.pattern.rest)).descentFromOrigin() == nil
  }

  /// Whether the kinks that hold the mode go on doing so.
  private func isHeld(_ mode: Mode, at e: [Double], _ tolerance: Double) -> Bool {
    mode.held.enumerated().allSatisfy { a, kink in
      let i = p.sample[kink]
      let share = dot(mode.force.control + a * p.n, e, p.n) / (p.jump[kink] * e[i])
      return e[i] * now.residuals.pointer[i] > 0 && share >= -tolerance && share <= 1 + tolerance
    }
  }

  /// `sum_i l_i slope_i x_i + sum_a (Z_a l) row_a`.
  private func force(_ mode: Mode, _ l: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: p.D)
    for i in 0..<p.n where mode.force.slopes[i] != 0 {
      add(l[i] * mode.force.slopes[i], p.x(i), p.d, to: &sum)
    }
    for (a, kink) in mode.held.enumerated() {
      add(dot(mode.force.control + a * p.n, l, p.n), p.row(kink), p.d, to: &sum)
    }
    return sum
  }

  private func isPushed(_ mode: Mode, by e: [Double], _ rounding: Double) -> Bool {
    var terms = 0.0
    for i in 0..<p.n { terms += abs(mode.force.slopes[i]) * p.lengths.pointer[i] }
    for (a, kink) in mode.held.enumerated() {
      for i in 0..<p.n {
        terms += abs(mode.force.control[a * p.n + i]) * p.squares.pointer[kink].squareRoot()
      }
    }
    return !(norm(force(mode, e)) <= rounding * terms)
  }

  private func staysNear(_ mode: Mode, _ integral: [Double], _ tolerance: Double) -> Bool {
    let eta = force(mode, integral).map { $0 * p.kappa / Double(p.total) }
    guard norm(eta) <= tolerance else { return false }
    let (neurons, d) = (mode.neurons, p.d)
    return mode.walls.allSatisfy { wall in
      let row = p.row(wall)
      let turn = abs(dot(row, eta, d))
      return turn == 0
        || (0..<neurons.count).allSatisfy { k in
          var h = 0.0
          for c in 0..<d { h += row[c] * neurons.theta[(c + 1) * neurons.ld + k] }
          return turn * abs(neurons.theta[k]) <= 0.1 * abs(h)
        }
    }
  }

  private func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  private static var leastRate: Double { 1e-6 }
}
