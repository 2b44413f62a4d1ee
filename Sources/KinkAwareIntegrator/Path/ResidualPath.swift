import ODECore

/// The residuals `e(t)` over a step, `t` in units of it: a polynomial of degree `s - 1`, by its values at the nodes of the
/// collocation and by its coefficients.
final class ResidualPath {
  private let problem: KinkProblem
  let collocation: Collocation
  /// Stages, distinct inputs.
  let s: Int, n: Int
  /// `e0`, the residuals at the start of the step; the polynomial need not go through them.
  let start: StateVector
  /// s x n: values at the nodes.
  let values: StateVector
  /// s x n: coefficients of the powers of `t`.
  let coefficients: StateVector
  /// `H`, the length of the step.
  private(set) var length = 0.0
  /// The size of the rates `b.x`, for what counts as zero.
  private(set) var rateScale = 0.0
  /// Counts the paths: what is prepared along one is marked with it.
  private(set) var number = 0

  init(_ problem: KinkProblem, _ collocation: Collocation) {
    self.problem = problem
    self.collocation = collocation
    (s, n) = (collocation.s, problem.n)
    start = StateVector(count: n)
    values = StateVector(count: collocation.s * n)
    coefficients = StateVector(count: collocation.s * n)
  }

  /// The path of the last step continued (to half a step beyond its own length), shifted to start at ``start``; with
  /// nothing to go by, ``start`` itself.
  func predict(length H: Double, after last: PastPath) {
    length = H
    for j in 0..<s {
      let beyond = 1 + min(collocation.nodes[j] * H / last.length, 1.5)
      for i in 0..<n {
        values.pointer[j * n + i] = start.pointer[i]
        guard last.length > 0 else { continue }
        let c = last.coefficients.pointer + i
        values.pointer[j * n + i] += horner(c, s, beyond, stride: n) - horner(c, s, 1, stride: n)
      }
    }
    interpolateValues()
    var scale = 0.0
    for i in 0..<n {
      scale = max(scale, abs(start.pointer[i]) * problem.lengths.pointer[i] * problem.lengths.pointer[i])
    }
    rateScale = scale * problem.kappa / Double(problem.total) * H
  }

  /// Adds to the values at the nodes, s x n.
  func correct(by change: UnsafePointer<Double>) {
    add(1, change, s * n, to: values.pointer)
    interpolateValues()
  }

  private func interpolateValues() {
    number += 1
    let (P, values) = (coefficients.pointer, values.pointer)
    for k in 0..<s {
      for i in 0..<n { P[k * n + i] = 0 }
      for j in 0..<s { add(collocation.toPower[k * s + j], values + j * n, n, to: P + k * n) }
    }
  }

  /// `e_i(t)`.
  @inline(__always)
  func value(_ i: Int, at t: Double) -> Double { horner(coefficients.pointer + i, s, t, stride: n) }

  /// `e(t)`.
  func values(at t: Double) -> [Double] { (0..<n).map { value($0, at: t) } }

  /// The largest rapidity by which a change of 1 in the path turns a neuron.
  var rapidity: Double { length * problem.kappa / Double(problem.total) * problem.reach }

  /// The largest `|e_i|` at the start.
  var scale: Double { (0..<n).reduce(0) { max($0, abs(start.pointer[$1])) } }
}

/// The path of the last accepted step.
struct PastPath {
  /// Its length; 0 before the first.
  var length = 0.0
  /// s x n.
  let coefficients: StateVector

  mutating func remember(_ path: ResidualPath) {
    coefficients.pointer.update(from: path.coefficients.pointer, count: coefficients.count)
    length = path.length
  }
}
