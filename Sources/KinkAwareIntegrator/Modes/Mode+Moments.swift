import CKinkFlow

/// Sums over the neurons of a mode, from its moments or one by one.
extension Mode {
  /// Sums of more neurons are formed over blocks of this many.
  static let block = 4096

  /// `sum theta theta^T` from the neurons.
  func rebuildMoments(_ pool: ThreadPool) {
    momentsAreStale = false
    let (q, M, neurons) = (problem.q, moments.pointer, neurons)
    let size = q * q
    let blocks = (neurons.count + Self.block - 1) / Self.block
    let part = UnsafeMutablePointer<Double>.allocate(capacity: blocks * size)
    defer { part.deallocate() }
    part.initialize(repeating: 0, count: blocks * size)
    pool.forEach(blocks, work: neurons.count) { block, _ in
      let from = block * Self.block
      ckink_moments(
        Int32(q), neurons.theta + from, neurons.ld, min(Self.block, neurons.count - from), part + block * size
      )
    }
    for k in 0..<size { M[k] = 0 }
    for block in 0..<blocks { add(1, part + block * size, size, to: M) }
  }

  func addToMoments(_ factor: Double, _ theta: UnsafePointer<Double>) {
    let (M, q) = (moments.pointer, problem.q)
    for a in 0..<q { add(factor * theta[a], theta, q, to: M + a * q) }
  }

  /// `M <- Psi M Psi^T`; `scratch` has q x q elements.
  func moveMoments(_ psi: UnsafePointer<Double>, _ scratch: UnsafeMutablePointer<Double>) {
    let (q, M) = (problem.q, moments.pointer)
    for a in 0..<q {
      for b in 0..<q { scratch[a * q + b] = dot(psi + a * q, M + b * q, q) }
    }
    for a in 0..<q {
      for b in 0..<q { M[a * q + b] = dot(scratch + a * q, psi + b * q, q) }
    }
  }

  /// `sum alpha W`, D values.
  func outputSum(into sum: UnsafeMutablePointer<Double>) {
    let D = problem.D
    if isShared {
      sum.update(from: moments.pointer + 1, count: D)
      return
    }
    let neurons = neurons
    for c in 0..<D {
      sum[c] = dot(neurons.theta, neurons.theta + (c + 1) * neurons.ld, neurons.count)
    }
  }

  /// `f_i += outer (slope_i x_i, offset_i).sum`, for `sum alpha W`.
  @inline(__always)
  func addOutputs(_ sum: UnsafePointer<Double>, to f: UnsafeMutablePointer<Double>) {
    let p = problem
    let (slopes, offsets) = (force.slopes, force.offsets)
    for i in 0..<p.n {
      var v = slopes[i] == 0 ? 0 : slopes[i] * dot(p.x(i), sum, p.d)
      if !p.isHomogeneous { v += offsets[i] * sum[p.d] }
      f[i] += p.outer * v
    }
  }

  /// `sum |theta|^2`.
  var squares: Double {
    let q = problem.q
    if isShared { return (0..<q).reduce(0) { $0 + moments.pointer[$1 * q + $1] } }
    let neurons = neurons
    return (0..<q).reduce(0) {
      let row = neurons.theta + $1 * neurons.ld
      return $0 + dot(row, row, neurons.count)
    }
  }

  /// `|b|` at the residuals `e`: the relative growth of its neurons. `scratch` has D elements.
  func strength(_ e: UnsafePointer<Double>, _ scratch: UnsafeMutablePointer<Double>) -> Double {
    let (p, b) = (problem, scratch)
    let n = p.n
    for c in 0..<p.D { b[c] = 0 }
    for i in 0..<n {
      if force.slopes[i] != 0 { add(e[i] * force.slopes[i], p.x(i), p.d, to: b) }
      if !p.isHomogeneous { b[p.d] += e[i] * force.offsets[i] }
    }
    for (a, kink) in held.enumerated() { add(dot(force.control + a * n, e, n), p.row(kink), p.D, to: b) }
    return dot(b, b, p.D).squareRoot() * p.kappa / Double(p.total)
  }

  /// `alpha'` of a neuron, but for a positive factor.
  func outputRate(_ x: UnsafePointer<Double>, _ e: UnsafePointer<Double>) -> Double {
    let p = problem
    var rate = 0.0
    for i in 0..<p.n {
      rate -= e[i] * force.slopes[i] * dot(x + 1, p.x(i), p.d)
      if !p.isHomogeneous { rate -= e[i] * force.offsets[i] }
    }
    return rate
  }
}
