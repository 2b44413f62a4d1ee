import CKinkFlow

/// The rate matrix, and Newton's systems with it.
extension KinkFlow {
  /// `K` with `e' = -C K e`: the Gram matrix times m/n, lower triangle and all.
  func fillRates() {
    let (K, c) = (rates.pointer, p.kappa * p.kappa / (p.kappaPrime * Double(p.total)))
    let forces = UnsafeMutablePointer<Double>.allocate(capacity: n * p.D)
    defer { forces.deallocate() }
    for k in 0..<n * n { K[k] = 0 }
    for mode in modes where mode.neurons.count > 0 && !mode.pattern.isStuck {
      let alphaSquares = addWeightPart(mode, c, forces)
      fillForces(mode, forces)
      // (slope_i x_i).U_j alpha^2: the part of W.
      for i in 0..<n where mode.slopes[i] != 0 {
        for j in 0...i where mode.slopes[j] != 0 {
          K[i * n + j] += c * alphaSquares * mode.slopes[i] * dot(p.x(i), forces + j * p.d, p.d)
        }
      }
    }
    for i in 0..<n { for j in 0..<i { K[j * n + i] = K[i * n + j] } }
  }

  /// The part of alpha, `c sum_k (row_i.W_k) (row_j.W_k)`. Returns `sum alpha^2`.
  private func addWeightPart(_ mode: Mode, _ c: Double, _ scratch: UnsafeMutablePointer<Double>) -> Double {
    let (D, q, K) = (p.D, p.q, rates.pointer)
    let (row, other) = (workM.pointer, workN.pointer)
    func isOn(_ i: Int) -> Bool { mode.slopes[i] != 0 || (!p.isHomogeneous && mode.offsets[i] != 0) }
    if isShared(mode) {
      let M = mode.moments.pointer
      for i in 0..<n where isOn(i) {
        outputRow(mode, i, into: row)
        for a in 0..<D { scratch[i * D + a] = dot(M + (a + 1) * q + 1, row, D) }
      }
      for j in 0..<n where isOn(j) {
        outputRow(mode, j, into: row)
        for i in j..<n where isOn(i) { K[i * n + j] += c * dot(scratch + i * D, row, D) }
      }
      return M[0]
    }
    let neurons = mode.neurons
    for k in 0..<neurons.count {
      for i in 0..<n {
        var h = 0.0
        if mode.slopes[i] != 0 {
          for a in 0..<p.d { h += p.x(i)[a] * neurons.theta[(a + 1) * neurons.ld + k] }
          h *= mode.slopes[i]
        }
        other[i] = p.isHomogeneous ? h : h + mode.offsets[i] * neurons.theta[D * neurons.ld + k]
      }
      for i in 0..<n where other[i] != 0 { add(c * other[i], other, i + 1, to: K + i * n) }
    }
    return dot(neurons.theta, neurons.theta, neurons.count)
  }

  /// `U_j = db/de_j` without its factor, n x d: `slope_j x_j + sum_a Z_aj x_a`.
  private func fillForces(_ mode: Mode, _ U: UnsafeMutablePointer<Double>) {
    let d = p.d
    for j in 0..<n {
      for a in 0..<d { U[j * d + a] = mode.slopes[j] * p.x(j)[a] }
      for (a, kink) in mode.held.enumerated() { add(mode.Z[a * n + j], p.row(kink), d, to: U + j * d) }
    }
  }

  /// `C K = C^1/2 V diag(lambda) V^T C^-1/2`, `V` the eigenvectors of `C^1/2 K C^1/2`. The `n s` equations of a step then
  /// fall apart into `n` systems of order `s`. False if some rate is not finite.
  func decomposeRates() -> Bool {
    fillRates()
    counters.setUps += 1
    let (G, C, lambda) = (rates.pointer, C.pointer, lambda.pointer)
    let (left, right) = (left.pointer, right.pointer)
    var sum = 0.0
    for i in 0..<n {
      for j in 0..<n {
        G[i * n + j] *= (C[i] * C[j]).squareRoot()
        sum += G[i * n + j] * 0
      }
    }
    guard sum == 0, ckink_eigen(Int32(n), G, lambda, right) else { return false }
    for i in 0..<n {
      lambda[i] = max(lambda[i], 0)
      let root = C[i].squareRoot()
      for j in 0..<n {
        left[j * n + i] = right[i * n + j] / root
        right[i * n + j] *= root
      }
    }
    return true
  }

  /// `(1 + H lambda A)^-1` for each lambda.
  func invertRates() {
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

  /// `delta = (1 + H A (x) G)^-1 (E - node)`; returns its largest entry.
  func correct() -> Double {
    let (E, node, delta, x) = (E.pointer, node.pointer, delta.pointer, transformed.pointer)
    for j in 0..<s {
      for i in 0..<n { delta[j * n + i] = E[j * n + i] - node[j * n + i] }
      for a in 0..<n { x[j * n + a] = dot(left.pointer + a * n, delta + j * n, n) }
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
        let v = dot(right.pointer + i * n, x + j * n, n)
        delta[j * n + i] = v
        // A NaN must not get lost in a maximum.
        size = abs(v) <= size ? size : abs(v)
      }
    }
    return size
  }

  /// The step's error over the tolerance: the rapidity of the path's defect `p(0) - e0`, which is the relative error of
  /// the state, and its share in `e` through `(1 + g H G)^-1`.
  func errorOfStep() -> Double {
    let g = 0.1
    let (x, y) = (delta.pointer, transformed.pointer)
    var (defect, scale, share) = (0.0, 0.0, 0.0)
    for i in 0..<n {
      scale = max(scale, abs(e0.pointer[i]))
      x[i] = P.pointer[i] - e0.pointer[i]
      // A NaN must not get lost.
      defect = abs(x[i]) - 8 * noise <= defect ? defect : abs(x[i]) - 8 * noise
    }
    for a in 0..<n {
      let rate = g * H * lambda.pointer[a]
      y[a] = dot(left.pointer + a * n, x, n) * rate / (1 + rate)
    }
    for i in 0..<n { share = max(share, abs(dot(right.pointer + i * n, y, n))) }
    let allowed = min(10 * tolerance, 0.03) * scale + 8 * noise
    return max(
      g * H * p.kappa / Double(p.total) * p.reach * defect / tolerance, share > 0 ? share / allowed : 0)
  }
}
