import ODECore
import ODETestKit
import Testing

@Suite("Jacobians by differences")
struct JacobianDifferencesTests {
  /// An arrow: the last component sees all, all see the last.
  private struct Arrow: SparseStructured {
    let dimension = 30
    var sparsity: SparsityPattern? {
      let last = dimension - 1
      return SparsityPattern(
        count: dimension,
        elements: (0..<dimension).flatMap { [(row: $0, column: last), (row: last, column: $0)] })
    }
    func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      let last = dimension - 1
      var sum = 0.0
      for i in 0..<last {
        dy[i] = -Double(i + 1) * y[i] + y[last] * y[last]
        sum += y[i] * y[i]
      }
      dy[last] = sum - y[last]
    }
  }

  private func differences(
    _ jacobian: DifferencedJacobian, of system: any ODESystem, at y: [Double], floor: Double, h: Double = 1e-3
  ) throws -> (elements: [[Double]], evaluations: Int) {
    let n = y.count
    var (elements, evaluations) = ([[Double]](repeating: [Double](repeating: 0, count: n), count: n), 0)
    func evaluate(_ point: StateVector, _ value: StateVector) throws {
      evaluations += 1
      try point.withSpan { y in try value.withMutableSpan { try system.derivative(0, y, into: &$0) } }
    }
    let (state, f) = (StateVector(y), StateVector(count: n))
    try evaluate(state, f)
    evaluations = 0
    let isFinite = try jacobian.evaluate(state, f, h: h, floor: floor, evaluate) { elements[$0][$1] = $2 }
    #expect(isFinite)
    return (elements, evaluations)
  }

  @Test("A sparse pattern needs as many evaluations as it has groups")
  func sparse() throws {
    let arrow = Arrow()
    let pattern = try #require(arrow.sparsity)
    // Columns 0...28 all have row 29 in common; nothing can be shared.
    #expect(pattern.columnGroups.count == 30 && pattern.rows.count == 3 * 29 + 1)
    let y = (0..<30).map { 1 + 0.1 * Double($0) }
    let all = try differences(DifferencedJacobian(count: 30), of: arrow, at: y, floor: 1e-9).elements
    let some = try differences(DifferencedJacobian(pattern), of: arrow, at: y, floor: 1e-9).elements
    for i in 0..<30 { for j in 0..<30 { #expect(abs(all[i][j] - some[i][j]) < 1e-6) } }

    // Two dimensions, five points: within the columns that share an evaluation no row occurs twice.
    let side = 10
    let grid = try #require(
      SparsityPattern(
        count: side * side,
        elements: (0..<side * side).flatMap { k in
          [(1, 0), (-1, 0), (0, 1), (0, -1)].compactMap { dx, dy in
            let (x, z) = (k % side + dx, k / side + dy)
            return (0..<side).contains(x) && (0..<side).contains(z) ? (row: x + side * z, column: k) : nil
          }
        }))
    #expect(grid.columnGroups.count <= 9)
    #expect(grid.columnGroups.flatMap { $0 }.sorted() == Array(0..<side * side))
    for group in grid.columnGroups {
      let rows = group.flatMap { j in (grid.starts[j]..<grid.starts[j + 1]).map { grid.rows[$0] } }
      #expect(Set(rows).count == rows.count)
    }
    #expect(SparsityPattern(count: 3, elements: [(row: 3, column: 0)]) == nil)
  }

  /// E5 on its way, at `t` about 1e5: components from 1e-3 to 1e-20. Expected: its own Jacobian.
  @Test("Increments adapt to columns whose components and rates differ by twenty powers of ten")
  func badlyScaled() throws {
    let system = ReferenceProblem.e5.problem.system as! any DenseJacobianProviding
    let y = [1.75e-3, 1.0e-11, 7.6e-12, 2.4e-12]
    let exact = StateVector(count: 16)
    try exact.withMutableSpan { try system.jacobian(0, y.span, into: &$0) }
    let jacobian = DifferencedJacobian(count: 4)
    var found: [[Double]] = []
    // Ratios settle within a few evaluations.
    for _ in 0..<4 { found = try differences(jacobian, of: system, at: y, floor: 1e-30, h: 1).elements }
    for i in 0..<4 {
      for j in 0..<4 {
        let value = exact.pointer[i + 4 * j]
        // What is smaller than the row's sum by rounding cannot be seen in a difference.
        let scale = (0..<4).map { abs(exact.pointer[i + 4 * $0] * y[$0]) }.max()! / y[j]
        #expect(
          abs(found[i][j] - value) < 1e-3 * abs(value) + 1e-7 * scale,
          "(\(i), \(j)): \(found[i][j]) for \(value)")
      }
    }
  }
}
