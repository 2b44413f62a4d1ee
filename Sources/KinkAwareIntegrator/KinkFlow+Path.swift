import CKinkFlow

/// The residual path of a step: collocation at the Radau nodes, by simplified Newton iteration on moments, repeated until
/// the events no longer change it.
extension KinkFlow {
  /// `E = e[theta(c_j; p)]` along the current path: modes by their moments, plus what neurons with events add.
  private func evaluateNodes() {
    stamp += 1
    counters.iterations += 1
    team.forEach(modes.count, work: modes.count * p.q * p.q) { q, thread in
      let mode = modes[q]
      if mode.neurons.count == 0 { return }
      if isShared(mode) { sumByMoments(mode, thread) } else { sumOneByOne(mode, thread) }
    }
    let F = F.pointer
    F.update(from: correction.pointer, count: s * n)
    for mode in modes where mode.neurons.count > 0 {
      if mode.isTooFar { isTooFar = true }
      for j in 0..<s { addOutputs(mode, mode.sums + j * p.D, to: F + j * n) }
    }
    for j in 0..<s { loss.residuals(F + j * n, into: E.pointer + j * n) }
  }

  /// The first row of `Psi M Psi^T` at each node.
  private func sumByMoments(_ mode: Mode, _ thread: Int) {
    propagate(mode)
    let (D, q, M, y) = (p.D, p.q, mode.moments.pointer, team.scratch(thread))
    for j in 0..<s {
      let psi = mode.atNodes.pointer + j * q * q
      for a in 0..<q { y[a] = dot(M + a * q, psi, q) }
      for a in 0..<D { mode.sums[j * D + a] = dot(psi + (a + 1) * q, y, q) }
    }
  }

  private func sumOneByOne(_ mode: Mode, _ thread: Int) {
    prepareMotion(mode)
    mode.isTooFar = false
    for k in 0..<s * p.D { mode.sums[k] = 0 }
    forEachBatch(mode, 0, mode.neurons.count, thread) { batch, theta, scratch in
      var path = mode.endlessPath
      if !ckink_follow(&path, &batch, 1, theta, CKINK_SUM_PRESENT, mode.sums, scratch) {
        mode.isTooFar = true
      }
    }
  }

  /// Calls `body` with batches of neurons of a mode at the start of the step.
  @inline(__always)
  func forEachBatch(
    _ mode: Mode, _ from: Int, _ to: Int, _ thread: Int,
    _ body: (inout ckink_batch, UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>) -> Void
  ) {
    let lanes = Int(CKINK_LANES)
    let (theta, scratch) = batchMemory(thread)
    // From the start of the step, and never let go.
    var batch = ckink_batch()
    for l in 0..<lanes { setLane(&batch.release, l, CKINK_FAR) }
    for start in stride(from: from, to: to, by: lanes) {
      let count = min(lanes, to - start)
      batch.count = Int32(count)
      for l in 0..<count { mode.neurons.read(start + l, into: theta + l, stride: lanes) }
      body(&batch, theta, scratch)
    }
  }

  /// Of a thread: room for a batch, and the scratch memory of ``ckink_follow``.
  func batchMemory(_ thread: Int) -> (
    theta: UnsafeMutablePointer<Double>, scratch: UnsafeMutablePointer<Double>
  ) {
    let memory = team.scratch(thread)
    return (memory, memory + Int(CKINK_LANES) * p.q)
  }

  private func setPath() {
    let (P, node) = (P.pointer, node.pointer)
    for k in 0..<s {
      for i in 0..<n { P[k * n + i] = 0 }
      for j in 0..<s { add(collocation.toPower[k * s + j], node + j * n, n, to: P + k * n) }
    }
  }

  /// The last path continued (to half a step beyond its own length), shifted to start at `e0`.
  private func predict() {
    let last = lastP.pointer
    for j in 0..<s {
      let beyond = 1 + min(nodes.pointer[j] * H / lastH, 1.5)
      for i in 0..<n {
        node.pointer[j * n + i] = e0.pointer[i]
        guard lastH > 0 else { continue }
        node.pointer[j * n + i] += horner(last + i, s, beyond, stride: n) - horner(last + i, s, 1, stride: n)
      }
    }
    setPath()
  }

  /// Solves for the path over a step of length `H`. False if it does not contract.
  func solvePath() -> Bool {
    let count = s * n
    for k in 0..<count { correction.pointer[k] = 0 }
    trace.clear()
    eventCounters = Counters()
    isTooFar = false
    predict()
    invertRates()
    setRateScale()
    let scale = (0..<n).reduce(0) { max($0, abs(e0.pointer[$1])) }
    // A change v of the path turns the neurons by less than rapidity v.
    let rapidity = H * p.kappa / Double(p.total) * p.reach
    let small = 1e-2 * tolerance
    let floor = max(1e-15 * scale, 4 * noise)
    func isNegligible(_ v: Double) -> Bool { (rapidity * v < small && v < 30 * small * scale) || v < floor }
    var (rounds, previous, lastChange) = (0, Double.infinity, Double.infinity)
    for _ in 0..<24 {
      evaluateNodes()
      let size = correct()
      if !size.isFinite || isTooFar || (size > 2 * previous && size > 1e-12 * scale + 8 * noise) {
        return false
      }
      add(1, delta.pointer, count, to: node.pointer)
      setPath()
      previous = size
      if !isNegligible(size) { continue }
      // Events along this path. Done when they no longer change it: else the next step's residuals would not
      // start where this path ends, and held neurons would let go and be caught in every step.
      stamp += 1
      guard let change = followEvents(), !isTooFar else { return false }
      rounds += 1
      if rounds > 8 || (rounds > 2 && change > 0.5 * lastChange && change > floor) { return false }
      lastChange = change
      if isNegligible(change)
        || (rapidity * change < 0.1 * tolerance && change < min(tolerance, 3e-3) * scale)
      {
        return true
      }
      previous = .infinity
    }
    return false
  }

  /// Follows all neurons with events along the current path; returns by how much that changes the residuals.
  private func followEvents() -> Double? {
    let (correction, old) = (correction.pointer, oldCorrection.pointer)
    detect()
    old.update(from: correction, count: s * n)
    guard traceAll() else { return nil }
    for k in 0..<s * n { correction[k] = 0 }
    for mode in touched {
      for j in 0..<s { addOutputs(mode, mode.corrections + j * p.D, to: correction + j * n) }
    }
    var change = 0.0
    for k in 0..<s * n { change = max(change, abs(correction[k] - old[k]) * C.pointer[k % n]) }
    return change
  }

  /// `R` at the end of the step, by the path: outputs there follow from the last iteration's by linearisation.
  func riskAtEnd() -> Double {
    let (last, f) = ((s - 1) * n, workM.pointer)
    for i in 0..<n {
      f[i] = F.pointer[last + i] + (node.pointer[last + i] - E.pointer[last + i]) / C.pointer[i]
    }
    return loss.risk(f)
  }
}
