import Testing

@testable import RungeKutta

@Suite("Butcher tableaus check themselves")
struct TableauTests {
  private let dp = DormandPrince.tableau

  private func remake(
    a: [[Double]]? = nil, b: [Double]? = nil, bHat: [Double]? = nil, c: [Double]? = nil, order: Int = 5,
    embeddedOrder: Int = 4, firstSameAsLast: Bool = true, dense: ButcherTableau.DenseOutput? = nil
  ) throws -> ButcherTableau {
    try ButcherTableau(
      name: "trial", a: a ?? dp.a, b: b ?? dp.b, bHat: bHat ?? dp.bHat, c: c ?? dp.c, order: order,
      embeddedOrder: embeddedOrder, firstSameAsLast: firstSameAsLast, denseOutput: dense ?? dp.denseOutput)
  }

  // The counts 1, 1, 2, 4, 9, 20, 48: Hairer, Norsett, Wanner I, II.2, table 2.1.
  @Test("with the right number of rooted trees of each order")
  func treeCounts() {
    let trees = RootedTree.all(upTo: 7)
    #expect((1...7).map { n in trees.filter { $0.order == n }.count } == [1, 1, 2, 4, 9, 20, 48])
    // gamma of the two trees of order 3 is 3 and 6, of order 4: 4, 8, 12, 24 (table 2.1).
    #expect(trees.filter { $0.order == 3 }.map(\.density).sorted() == [3, 6])
    #expect(trees.filter { $0.order == 4 }.map(\.density).sorted() == [4, 8, 12, 24])
  }

  @Test("and pass for Dormand and Prince's coefficients") func intact() throws {
    _ = try remake()
  }

  @Test("find a wrong element of a by its row sum") func rowSum() {
    var a = dp.a
    a[4][1] += 1e-9
    #expect(throws: ButcherTableauError.rowSum(tableau: "trial", row: 5, sum: a[4].reduce(0, +), c: dp.c[4]))
    {
      try remake(a: a)
    }
  }

  @Test("find an error that leaves row sums intact by the order conditions") func orderCondition() {
    var a = dp.a
    a[3][0] += 1e-9
    a[3][1] -= 1e-9
    do {
      _ = try remake(a: a)
      Issue.record("a broken tableau was accepted")
    } catch let error as ButcherTableauError {
      guard case .order("trial", "b", _, let order, let defect) = error else {
        Issue.record("unexpected: \(error)")
        return
      }
      #expect(order >= 3 && order <= 5 && abs(defect) > 1e-12)
      #expect(error.description.contains("misses the condition of the tree"))
    } catch { Issue.record(error) }
  }

  @Test("find every single weight that is wrong in its tenth digit")
  func everyWeight() {
    for i in dp.b.indices {
      var b = dp.b
      b[i] += 1e-10
      #expect(throws: ButcherTableauError.self) { try remake(b: b, firstSameAsLast: false) }
      var bHat = dp.bHat!
      bHat[i] += 1e-10
      #expect(throws: ButcherTableauError.self) { try remake(bHat: bHat) }
    }
  }

  @Test("refuse an order that is claimed too high, of both methods and of the dense output")
  func tooHigh() {
    // The pair is of order 5 and 4 exactly, its dense output of order 4.
    #expect(throws: ButcherTableauError.self) { try remake(order: 6) }
    #expect(throws: ButcherTableauError.self) { try remake(embeddedOrder: 5) }
    guard case .polynomial(let weights, _) = dp.denseOutput else { return }
    #expect(throws: ButcherTableauError.self) { try remake(dense: .polynomial(weights: weights, order: 5)) }
  }

  @Test("refuse a dense output that does not end at the step's end, or is wrong inside")
  func dense() throws {
    guard case .polynomial(var weights, let order) = dp.denseOutput else { return }
    weights[2][1] += 1e-9
    #expect(throws: ButcherTableauError.self) {
      try remake(dense: .polynomial(weights: weights, order: order))
    }
    weights[2][2] -= 1e-9
    do {
      _ = try remake(dense: .polynomial(weights: weights, order: order))
      Issue.record("a broken dense output was accepted")
    } catch ButcherTableauError.order(_, let which, _, _, _) {
      #expect(which == "b(theta)")
    }
  }

  @Test("refuse a claim that the last stage is the next step's first") func firstSameAsLast() {
    #expect(throws: ButcherTableauError.firstSameAsLast(tableau: "rk4")) {
      let rk4 = ClassicalRK4.tableau
      _ = try ButcherTableau(
        name: "rk4", a: rk4.a, b: rk4.b, c: rk4.c, order: 4, firstSameAsLast: true, denseOutput: .hermite)
    }
  }

  @Test("refuse wrong shapes and numbers") func shapes() {
    #expect(throws: ButcherTableauError.shape(tableau: "trial", what: "c", expected: 7, got: 6)) {
      try remake(c: Array(dp.c.dropLast()))
    }
    #expect(throws: ButcherTableauError.shape(tableau: "trial", what: "row 2 of a", expected: 1, got: 2)) {
      try remake(a: dp.a.enumerated().map { $0.offset == 1 ? [0.2, 0] : $0.element })
    }
    #expect(throws: ButcherTableauError.self) { try remake(order: 0) }
    #expect(throws: ButcherTableauError.self) { try remake(bHat: dp.b) }
    #expect(throws: ButcherTableauError.self) { try remake(b: dp.b.map { $0 * .nan }) }
  }
}
