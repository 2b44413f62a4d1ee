import CKinkFlow
import ODECore

/// The rate matrix `G = C K`, `e' = -G e`: the Gram matrix times m/n, `K`, and the loss's curvatures `C`. With its spectrum
/// the `n s` equations of a step fall apart into `n` systems of order `s`.
final class RateMatrix {
  private let problem: KinkProblem
  private let collocation: Collocation
  private let n: Int, s: Int
  /// `K`, and then what is left of `C^1/2 K C^1/2` by the eigenvalue problem.
  private let matrix: StateVector
  /// `G = right diag(lambda) left`: rates, and columns of `right`, rows of `left` to each.
  let lambda: StateVector, left: StateVector, right: StateVector
  /// `(1 + H lambda A)^-1` for each lambda.
  private let inverse: StateVector
  /// The length of the step that ``inverse`` is for.
  private var length = 0.0
  private let transformed: StateVector, forces: StateVector, row: StateVector, outputs: StateVector
  /// Spectra computed.
  var decompositions = 0

  init(_ problem: KinkProblem, _ collocation: Collocation) {
    self.problem = problem
    self.collocation = collocation
    (n, s) = (problem.n, collocation.s)
    func vector(_ count: Int) -> StateVector { StateVector(count: count) }
    (matrix, lambda, left, right) = (vector(n * n), vector(n), vector(n * n), vector(n * n))
    (inverse, transformed) = (vector(n * s * s), vector(s * n))
    (forces, row, outputs) = (vector(n * problem.D), vector(problem.D), vector(n))
  }

  /// `sum_i C_i K_ii`, no less than the largest rate.
  func trace(_ modes: ModeTable, curvatures C: StateVector) -> Double {
    fill(modes)
    return (0..<n).reduce(0) { $0 + C.pointer[$1] * matrix.pointer[$1 * n + $1] }
  }

  /// `C K = C^1/2 V diag(lambda) V^T C^-1/2`, `V` the eigenvectors of `C^1/2 K C^1/2`.
  ///
  /// - Throws: ``StepFailure/notFinite`` if some rate is not finite.
  func decompose(_ modes: ModeTable, curvatures: StateVector) throws(StepFailure) {
    fill(modes)
    decompositions += 1
    let (G, C, lambda) = (matrix.pointer, curvatures.pointer, lambda.pointer)
    let (left, right) = (left.pointer, right.pointer)
    var sum = 0.0
    for i in 0..<n {
      for j in 0..<n {
        G[i * n + j] *= (C[i] * C[j]).squareRoot()
        sum += G[i * n + j] * 0
      }
    }
    guard sum == 0, ckink_eigen(Int32(n), G, lambda, right) else { throw .notFinite }
    for i in 0..<n {
      lambda[i] = max(lambda[i], 0)
      let root = C[i].squareRoot()
      for j in 0..<n {
        left[j * n + i] = right[i * n + j] / root
        right[i * n + j] *= root
      }
    }
  }

  /// Prepares ``solve(_:minus:into:)`` for steps of length `H`.
  func prepare(length H: Double) {
    length = H
    let K = inverse.pointer
    withUnsafeTemporaryAllocation(of: Double.self, capacity: s * s) { L in
      for i in 0..<n {
        let K = K + i * s * s
        for k in 0..<s * s {
          K[k] = k / s == k % s ? 1 : 0
          L[k] = K[k] + H * lambda.pointer[i] * collocation.A[k]
        }
        _ = solveDense(s, L.baseAddress!, K, columns: s)
      }
    }
  }

  /// `change = (1 + H A (x) G)^-1 (E - values)`, s x n each; returns its largest entry.
  func solve(
    _ E: UnsafePointer<Double>, minus values: UnsafePointer<Double>, into change: UnsafeMutablePointer<Double>
  ) -> Double {
    let (left, right, x) = (left.pointer, right.pointer, transformed.pointer)
    for j in 0..<s {
      for i in 0..<n { change[j * n + i] = E[j * n + i] - values[j * n + i] }
      for a in 0..<n { x[j * n + a] = dot(left + a * n, change + j * n, n) }
    }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: s) { column in
      for a in 0..<n {
        let K = inverse.pointer + a * s * s
        for j in 0..<s {
          column[j] = 0
          for l in 0..<s { column[j] += K[j * s + l] * x[l * n + a] }
        }
        for j in 0..<s { x[j * n + a] = column[j] }
      }
    }
    var size = 0.0
    for j in 0..<s {
      for i in 0..<n {
        let v = dot(right + i * n, x + j * n, n)
        change[j * n + i] = v
        // A NaN must not get lost in a maximum.
        size = abs(v) <= size ? size : abs(v)
      }
    }
    return size
  }

  /// The largest entry of `g H G (1 + g H G)^-1 x`.
  func damped(_ x: UnsafePointer<Double>, _ g: Double) -> Double {
    let y = transformed.pointer
    for a in 0..<n {
      let rate = g * length * lambda.pointer[a]
      y[a] = dot(left.pointer + a * n, x, n) * rate / (1 + rate)
    }
    var share = 0.0
    for i in 0..<n { share = max(share, abs(dot(right.pointer + i * n, y, n))) }
    return share
  }

  /// `K`, lower triangle and all.
  private func fill(_ modes: ModeTable) {
    let (p, K, U) = (problem, matrix.pointer, forces.pointer)
    let c = p.kappa * p.kappa / (p.kappaPrime * Double(p.total))
    for k in 0..<n * n { K[k] = 0 }
    for mode in modes.modes where mode.neurons.count > 0 && !mode.pattern.isAtRest {
      let slopes = mode.force.slopes
      let alphaSquares = addWeightPart(mode, c)
      fillForces(mode)
      // (slope_i x_i).U_j alpha^2: the part of W.
      for i in 0..<n where slopes[i] != 0 {
        for j in 0...i where slopes[j] != 0 {
          K[i * n + j] += c * alphaSquares * slopes[i] * dot(p.x(i), U + j * p.d, p.d)
        }
      }
    }
    for i in 0..<n { for j in 0..<i { K[j * n + i] = K[i * n + j] } }
  }

  /// The part of alpha, `c sum_k (row_i.W_k) (row_j.W_k)`. Returns `sum alpha^2`.
  private func addWeightPart(_ mode: Mode, _ c: Double) -> Double {
    let (p, K, scratch) = (problem, matrix.pointer, forces.pointer)
    let (D, q, slopes, offsets) = (p.D, p.q, mode.force.slopes, mode.force.offsets)
    let (row, other) = (row.pointer, outputs.pointer)
    func isOn(_ i: Int) -> Bool { slopes[i] != 0 || (!p.isHomogeneous && offsets[i] != 0) }
    if mode.isShared {
      let M = mode.moments.pointer
      for i in 0..<n where isOn(i) {
        mode.force.outputRow(p, i, into: row)
        for a in 0..<D { scratch[i * D + a] = dot(M + (a + 1) * q + 1, row, D) }
      }
      for j in 0..<n where isOn(j) {
        mode.force.outputRow(p, j, into: row)
        for i in j..<n where isOn(i) { K[i * n + j] += c * dot(scratch + i * D, row, D) }
      }
      return M[0]
    }
    let neurons = mode.neurons
    for k in 0..<neurons.count {
      for i in 0..<n {
        var h = 0.0
        if slopes[i] != 0 {
          for a in 0..<p.d { h += p.x(i)[a] * neurons.theta[(a + 1) * neurons.ld + k] }
          h *= slopes[i]
        }
        other[i] = p.isHomogeneous ? h : h + offsets[i] * neurons.theta[D * neurons.ld + k]
      }
      for i in 0..<n where other[i] != 0 { add(c * other[i], other, i + 1, to: K + i * n) }
    }
    return dot(neurons.theta, neurons.theta, neurons.count)
  }

  /// `U_j = db/de_j` without its factor, n x d: `slope_j x_j + sum_a Z_aj x_a`.
  private func fillForces(_ mode: Mode) {
    let (p, d, U, control) = (problem, problem.d, forces.pointer, mode.force.control)
    for j in 0..<n {
      for a in 0..<d { U[j * d + a] = mode.force.slopes[j] * p.x(j)[a] }
      for (a, kink) in mode.held.enumerated() { add(control[a * n + j], p.row(kink), d, to: U + j * d) }
    }
  }
}
