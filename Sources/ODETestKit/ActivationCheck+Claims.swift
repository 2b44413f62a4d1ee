import Networks

/// What an activation claims of itself: kinks, homogeneity, slopes.
extension ActivationCheck {
  private var width: Double { domain.upperBound - domain.lowerBound }

  mutating func checkKinks() {
    for kink in activation.kinks {
      let at = evaluate([kink, kink - 1e-9 * width, kink + 1e-9 * width])
      let jump = abs(at.derivative[2] - at.derivative[1])
      if jump <= 1e-6 {
        report("\(kink) is claimed as a kink, but the derivative does not jump there")
      } else if abs(at.derivative[0] - at.derivative[1]) > 1e-3 * jump {
        report(
          "at the kink \(kink) the derivative is \(at.derivative[0]) instead of the left one, "
            + "\(at.derivative[1])")
      }
      let slope = max(abs(at.derivative[1]), abs(at.derivative[2]))
      if abs(at.value[2] - at.value[1]) > 1e-7 * width * max(slope, 1) {
        report("the value jumps at \(kink)")
      }
      if at.second[0] != 0 {
        report("the second derivative at the kink \(kink) is \(at.second[0]) instead of 0")
      }
    }
  }

  /// Bisects each interval between two neighbouring points towards the larger change of the derivative; where the
  /// change stays while the interval shrinks, there is a jump.
  mutating func checkJumps() {
    let grid = points(400).sorted() + [domain.upperBound]
    for (start, end) in zip(grid, grid.dropFirst()) {
      var (left, right) = (start, end)
      if let kink = activation.kinks.last(where: { $0 >= left && $0 < right }) {
        // To the right of a kink all is smooth again; the left part is searched with the interval before.
        left = kink.nextUp
        if left >= right { continue }
      }
      var (low, high) = (slope(left), slope(right))
      while right - left > 1e-10 * width, abs(high - low) > 1e-5 * (1 + abs(low)) {
        let middle = left + (right - left) / 2
        let between = slope(middle)
        if abs(between - low) >= abs(high - between) {
          (right, high) = (middle, between)
        } else {
          (left, low) = (middle, between)
        }
      }
      if right - left <= 1e-10 * width, abs(high - low) > 1e-5 * (1 + abs(low)) {
        report("the derivative jumps from \(low) to \(high) at \(left), which is not among the kinks")
        return
      }
    }
  }

  private func slope(_ z: Double) -> Double { evaluate([z]).derivative[0] }

  mutating func checkHomogeneity() {
    guard let p = activation.homogeneity else { return }
    let z = points(60) + [0]
    let at = evaluate(z)
    for c in [0.25, 0.7, 1.9, 4] {
      let scaled = evaluate(z.map { c * $0 })
      var factor = 1.0
      for _ in 0..<abs(p) { factor *= p < 0 ? 1 / c : c }
      if let i = z.indices.first(where: {
        abs(scaled.value[$0] - factor * at.value[$0]) > 1e-12 * abs(factor * at.value[$0]) + 1e-300
      }) {
        report(
          "homogeneity \(p) is claimed, but sigma(\(c) z) = \(scaled.value[i]) and \(c)^\(p) sigma(z) = "
            + "\(factor * at.value[i]) at z = \(z[i])")
        return
      }
    }
  }

  mutating func checkSlopes() {
    guard let slopes = activation.slopes else { return }
    if activation.homogeneity != 1 {
      report("slopes are claimed, hence the homogeneity must be 1")
    }
    if (slopes.negative != slopes.positive) != (activation.kinks == [0]) {
      report(
        "the slopes \(slopes.negative) and \(slopes.positive) do not go with the kinks \(activation.kinks)")
    }
    let z = points(100) + [0]
    let at = evaluate(z)
    if let i = z.indices.first(where: {
      let slope = z[$0] > 0 ? slopes.positive : slopes.negative
      return abs(at.value[$0] - slope * z[$0]) > 4 * abs(at.value[$0]).ulp || at.derivative[$0] != slope
    }) {
      report(
        "the slopes claim another function: at \(z[i]) the value is \(at.value[i]), the derivative "
          + "\(at.derivative[i])")
    }
  }

  mutating func checkPieces() {
    guard let pieces = activation.pieces else { return }
    // A breakpoint at which the slope does not change is no kink.
    let breakpoints = pieces.breakpoints.indices.filter { pieces.slopes[$0] != pieces.slopes[$0 + 1] }.map {
      pieces.breakpoints[$0]
    }
    if breakpoints != activation.kinks {
      report("the pieces have breakpoints at \(breakpoints), the kinks are \(activation.kinks)")
    }
    let z = points(100)
    let at = evaluate(z)
    let size = (pieces.slopes + pieces.breakpoints + [1]).map(abs).max()!
    if let i = z.indices.first(where: {
      !(abs(at.value[$0] - pieces(z[$0])) <= 1e-14 * size * size * (1 + abs(z[$0])))
    }) {
      report("the pieces claim another function: at \(z[i]) the value is \(at.value[i]), not \(pieces(z[i]))")
    }
  }
}
