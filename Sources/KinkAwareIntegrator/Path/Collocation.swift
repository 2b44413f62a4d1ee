import CKinkFlow
import Foundation

/// The `s` nodes of Radau IIA, its matrix, and the way from values at the nodes to power form.
///
/// Source: Hairer, Wanner, *Solving Ordinary Differential Equations II*, section IV.5.
struct Collocation {
  static let maxStages = Int(CKINK_MAX_STAGES)

  let s: Int
  /// Zeros of `P_s(2t - 1) - P_{s-1}(2t - 1)`; the last is 1.
  let nodes: [Double]
  /// `A`, and the power coefficients of a polynomial from its values at the nodes; s x s.
  let A: [Double]
  let toPower: [Double]
  /// `prod_j (1 - t/c_j)` in power form: 1 at the start of a step, 0 at its nodes.
  let atStart: [Double]

  init(stages s: Int) {
    self.s = s
    let c = Self.findNodes(s)
    var V = c.flatMap { c in (0..<s).map { pow(c, Double($0)) } }
    var inverse = (0..<s * s).map { $0 / s == $0 % s ? 1.0 : 0 }
    let isRegular = solveDense(s, &V, &inverse, columns: s)
    precondition(isRegular)
    nodes = c
    toPower = inverse
    A = (0..<s * s).map { entry in
      let (j, l) = (entry / s, entry % s)
      return (0..<s).reduce(0) { $0 + inverse[$1 * s + l] * pow(c[j], Double($1 + 1)) / Double($1 + 1) }
    }
    var product = [1.0] + [Double](repeating: 0, count: s)
    for j in 0..<s {
      for k in stride(from: j + 1, to: 0, by: -1) { product[k] -= product[k - 1] / c[j] }
    }
    atStart = product
  }

  private static func legendre(_ n: Int, _ x: Double) -> Double {
    var (before, value) = (0.0, 1.0)
    for k in 0..<n {
      let k = Double(k)
      (before, value) = (value, ((2 * k + 1) * x * value - k * before) / (k + 1))
    }
    return value
  }

  private static func findNodes(_ s: Int) -> [Double] {
    func g(_ t: Double) -> Double { legendre(s, 2 * t - 1) - legendre(s - 1, 2 * t - 1) }
    // The nodes lie further apart than a cell of this grid, and none on it.
    let cells = 128
    var nodes: [Double] = []
    for cell in 0..<cells - 1 where nodes.count < s - 1 {
      var (a, b) = (Double(cell) / Double(cells), Double(cell + 1) / Double(cells))
      let first = g(a)
      if first * g(b) > 0 { continue }
      for _ in 0..<60 {
        let middle = 0.5 * (a + b)
        if (g(middle) > 0) == (first > 0) { a = middle } else { b = middle }
      }
      nodes.append(0.5 * (a + b))
    }
    return nodes + [1]
  }
}

/// Solves `A x = b` in place by Gaussian elimination with partial pivoting: row-major `A`, `b` is n x `columns`. False if
/// singular. For systems of a few unknowns, where a call of LAPACK costs more than the work.
func solveDense(
  _ n: Int, _ A: UnsafeMutablePointer<Double>, _ b: UnsafeMutablePointer<Double>, columns: Int = 1
) -> Bool {
  for c in 0..<n {
    var p = c
    for r in c..<n where abs(A[r * n + c]) > abs(A[p * n + c]) { p = r }
    guard abs(A[p * n + c]) >= 1e-300 else { return false }
    if p != c {
      for k in c..<n { (A[c * n + k], A[p * n + k]) = (A[p * n + k], A[c * n + k]) }
      for k in 0..<columns {
        (b[c * columns + k], b[p * columns + k]) = (b[p * columns + k], b[c * columns + k])
      }
    }
    for r in (c + 1)..<max(n, c + 1) {
      let f = A[r * n + c] / A[c * n + c]
      if f == 0 { continue }
      for k in c..<n { A[r * n + k] -= f * A[c * n + k] }
      for k in 0..<columns { b[r * columns + k] -= f * b[c * columns + k] }
    }
  }
  for c in stride(from: n - 1, through: 0, by: -1) {
    for k in 0..<columns {
      var v = b[c * columns + k]
      for j in (c + 1)..<max(n, c + 1) { v -= A[c * n + j] * b[j * columns + k] }
      b[c * columns + k] = v / A[c * n + c]
    }
  }
  return true
}
