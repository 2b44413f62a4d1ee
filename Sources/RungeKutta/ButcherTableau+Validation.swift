extension ButcherTableau {
  /// What rounding may leave of a condition: coefficients reach 30 and conditions are sums of products
  /// of up to four of them, so some 1e3 rounding errors of 1e-16 each; a wrong digit of any coefficient
  /// in double precision's first eleven is found.
  static let tolerance = 1e-12

  func validate() throws {
    try validateShape()
    for (i, row) in a.enumerated() {
      let sum = row.reduce(0, +)
      guard abs(sum - c[i]) <= Self.tolerance else {
        throw ButcherTableauError.rowSum(tableau: name, row: i + 1, sum: sum, c: c[i])
      }
    }
    try validateOrder(of: b, "b", order)
    if let bHat { try validateOrder(of: bHat, "bHat", embeddedOrder) }
    if firstSameAsLast {
      guard let last = a.last, c.last == 1, b.last == 0, last[...] == b.dropLast() else {
        throw ButcherTableauError.firstSameAsLast(tableau: name)
      }
    }
    try validateDenseOutput()
  }

  private func validateShape() throws {
    let s = b.count
    func require(_ what: String, _ got: Int, _ expected: Int) throws {
      guard got == expected else {
        throw ButcherTableauError.shape(tableau: name, what: what, expected: expected, got: got)
      }
    }
    guard s > 0 else { throw ButcherTableauError.unusable(tableau: name, what: "b is empty") }
    try require("c", c.count, s)
    try require("a", a.count, s)
    for (i, row) in a.enumerated() { try require("row \(i + 1) of a", row.count, i) }
    if let bHat { try require("bHat", bHat.count, s) }
    if let correctedError {
      try require("the error's fifth", correctedError.fifth.count, s)
      try require("the error's third", correctedError.third.count, s)
    }
    guard (a.joined() + b + c + (bHat ?? [])).allSatisfy(\.isFinite) else {
      throw ButcherTableauError.unusable(tableau: name, what: "a coefficient is not finite")
    }
    guard order >= 1 else {
      throw ButcherTableauError.unusable(tableau: name, what: "the order is \(order), it must be at least 1")
    }
    if let bHat {
      guard embeddedOrder >= 1 else {
        throw ButcherTableauError.unusable(
          tableau: name, what: "the embedded order is \(embeddedOrder), it must be at least 1")
      }
      guard bHat != b else {
        throw ButcherTableauError.unusable(tableau: name, what: "bHat equals b, so every error is zero")
      }
    }
    if case .polynomial(let weights, _) = denseOutput {
      try require("the dense output", weights.count, s)
      for (i, row) in weights.enumerated() {
        try require("row \(i + 1) of the dense output", row.count, weights[0].count)
      }
    }
  }

  private func validateOrder(of weights: [Double], _ label: String, _ order: Int) throws {
    for tree in RootedTree.all(upTo: order) {
      let sum = zip(weights, tree.weights(a)).reduce(0) { $0 + $1.0 * $1.1 }
      let defect = sum - 1 / tree.density
      guard abs(defect) <= Self.tolerance else {
        throw ButcherTableauError.order(
          tableau: name, weights: label, tree: tree.description, order: tree.order, defect: defect)
      }
    }
  }

  /// `sum_i b_i(theta) Phi_i(tau) = theta^|tau| / gamma(tau)` must hold for every `theta`, that is for
  /// each power; and `b_i(1) = b_i`. Hairer, Norsett, Wanner I, II.6 (6.14).
  private func validateDenseOutput() throws {
    if case .extended(let output) = denseOutput { return try validate(output) }
    guard case .polynomial(let weights, let denseOrder) = denseOutput else { return }
    for (i, row) in weights.enumerated() {
      let sum = row.reduce(0, +)
      guard abs(sum - b[i]) <= Self.tolerance else {
        throw ButcherTableauError.denseEnd(tableau: name, stage: i + 1, sum: sum, b: b[i])
      }
    }
    for tree in RootedTree.all(upTo: denseOrder) {
      let phi = tree.weights(a)
      for power in 1...max(weights[0].count, tree.order) {
        let sum = weights.indices.reduce(0.0) {
          $0 + (power <= weights[$1].count ? weights[$1][power - 1] : 0) * phi[$1]
        }
        let defect = sum - (power == tree.order ? 1 / tree.density : 0)
        guard abs(defect) <= Self.tolerance else {
          throw ButcherTableauError.order(
            tableau: name, weights: "b(theta)", tree: tree.description, order: tree.order,
            defect: defect)
        }
      }
    }
  }

  /// The same at a few `theta`, for all stages: `sum_i b_i(theta) Phi_i(tau) = theta^|tau| / gamma(tau)`.
  private func validate(_ output: ExtendedOutput) throws {
    let rows = a + output.a
    for (i, row) in output.a.enumerated() {
      let sum = row.reduce(0, +)
      guard row.count == a.count + i, abs(sum - output.c[i]) <= Self.tolerance else {
        throw ButcherTableauError.rowSum(tableau: name, row: a.count + i + 1, sum: sum, c: output.c[i])
      }
    }
    var weights = [Double](repeating: 0, count: rows.count)
    for tree in RootedTree.all(upTo: output.order) {
      let phi = tree.weights(rows)
      for theta in [0.1, 0.37, 0.5, 0.81, 1] {
        output.coefficients(at: theta, b: b, into: &weights)
        let sum = zip(weights, phi).reduce(0) { $0 + $1.0 * $1.1 }
        let defect = sum - (0..<tree.order).reduce(1 / tree.density) { product, _ in product * theta }
        guard abs(defect) <= Self.tolerance else {
          throw ButcherTableauError.order(
            tableau: name, weights: "b(theta)", tree: tree.description, order: tree.order, defect: defect)
        }
      }
    }
  }
}
