import CKinkFlow

/// Sums over neurons: residuals, rates and bounds from the modes' moments.
extension KinkFlow {
  /// Sums of more neurons are formed over blocks of this many.
  static let block = 4096

  /// The moments of all modes from their neurons.
  func rebuildMoments(onlyStale: Bool = false) {
    for mode in modes where isShared(mode) && (mode.momentsAreStale || !onlyStale) {
      mode.momentsAreStale = false
      let (M, neurons, size) = (mode.moments.pointer, mode.neurons, p.q * p.q)
      let blocks = (neurons.count + Self.block - 1) / Self.block
      let part = UnsafeMutablePointer<Double>.allocate(capacity: blocks * size)
      defer { part.deallocate() }
      part.initialize(repeating: 0, count: blocks * size)
      team.forEach(blocks, work: neurons.count) { block, _ in
        let from = block * Self.block
        ckink_moments(
          Int32(p.q), neurons.theta + from, neurons.ld, min(Self.block, neurons.count - from),
          part + block * size)
      }
      for k in 0..<size { M[k] = 0 }
      for block in 0..<blocks { add(1, part + block * size, size, to: M) }
    }
  }

  func addToMoments(_ mode: Mode, _ factor: Double, _ theta: UnsafePointer<Double>) {
    let (M, q) = (mode.moments.pointer, p.q)
    for a in 0..<q { add(factor * theta[a], theta, q, to: M + a * q) }
  }

  /// `sum alpha W` of a mode, D values.
  func outputSum(_ mode: Mode, into sum: UnsafeMutablePointer<Double>) {
    let D = p.D
    if isShared(mode) {
      sum.update(from: mode.moments.pointer + 1, count: D)
      return
    }
    let neurons = mode.neurons
    for c in 0..<D {
      sum[c] = dot(neurons.theta, neurons.theta + (c + 1) * neurons.ld, neurons.count)
    }
  }

  /// `f_i += outer (slope_i x_i, offset_i).sum` for a mode's `sum alpha W`.
  @inline(__always)
  func addOutputs(_ mode: Mode, _ sum: UnsafePointer<Double>, to f: UnsafeMutablePointer<Double>) {
    for i in 0..<n {
      var v = mode.slopes[i] == 0 ? 0 : mode.slopes[i] * dot(p.x(i), sum, p.d)
      if !p.isHomogeneous { v += mode.offsets[i] * sum[p.d] }
      f[i] += p.outer * v
    }
  }

  /// Outputs, residuals, their rounding and `R` from the modes as they are.
  func evaluate() {
    let (f, sum) = (fNow.pointer, workN.pointer)
    for i in 0..<n { f[i] = 0 }
    for mode in modes where mode.neurons.count > 0 {
      outputSum(mode, into: sum)
      addOutputs(mode, sum, to: f)
    }
    loss.residuals(f, into: eNow.pointer)
    loss.curvatures(f, into: C.pointer)
    risk = loss.risk(f)
    noise = roundingOfResiduals()
  }

  /// `f` is a sum of terms `|alpha w.x| <= |x| |theta|^2 / 2`, each rounded.
  private func roundingOfResiduals() -> Double {
    var (sum, reach) = (0.0, 0.0)
    for mode in modes { sum += squares(mode) }
    for i in 0..<n {
      reach = max(
        reach, p.steepness * C.pointer[i] * p.outer * sum * p.lengths.pointer[i] / 2,
        loss.isSquared ? p.steepness * loss.constant(i) : abs(eNow.pointer[i]))
    }
    return 2.2e-16 * reach
  }

  private func squares(_ mode: Mode) -> Double {
    if isShared(mode) { return (0..<p.q).reduce(0) { $0 + mode.moments.pointer[$1 * p.q + $1] } }
    let neurons = mode.neurons
    return (0..<p.q).reduce(0) {
      let row = neurons.theta + $1 * neurons.ld
      return $0 + dot(row, row, neurons.count)
    }
  }

  /// The largest `|b|`: the fastest relative growth of any neuron. Over occupied modes, not from `|e|`: on a plateau the
  /// residuals are large and nothing moves.
  func largestForce() -> Double {
    let (e, b) = (e0.pointer, workN.pointer)
    var largest = 0.0
    for mode in modes where mode.neurons.count > 0 && !mode.pattern.isStuck {
      for c in 0..<p.D { b[c] = 0 }
      for i in 0..<n {
        if mode.slopes[i] != 0 { add(e[i] * mode.slopes[i], p.x(i), p.d, to: b) }
        if !p.isHomogeneous { b[p.d] += e[i] * mode.offsets[i] }
      }
      for (a, kink) in mode.held.enumerated() { add(dot(mode.Z + a * n, e, n), p.row(kink), p.D, to: b) }
      largest = max(largest, dot(b, b, p.D).squareRoot() * p.kappa / Double(p.total))
    }
    return largest
  }
}
