import CKinkFlow

/// Motion of the modes along the current path.
extension KinkFlow {
  /// `H b(t)` and `z(t)`.
  func prepareMotion(_ mode: Mode) {
    guard mode.pathStamp != stamp else { return }
    mode.pathStamp = stamp
    let (d, D, P) = (p.d, p.D, self.P.pointer)
    let factor = -p.kappa / Double(p.total) * H
    for k in 0..<s * D { mode.b[k] = 0 }
    mode.isStill = true
    if mode.pattern.isStuck { return }
    for k in 0..<s {
      let b = mode.b + k * D
      for i in 0..<n {
        if mode.slopes[i] != 0 { add(P[k * n + i] * mode.slopes[i], p.x(i), d, to: b) }
        if !p.isHomogeneous { b[d] += P[k * n + i] * mode.offsets[i] }
      }
    }
    for (a, kink) in mode.held.enumerated() {
      for k in 0..<s {
        let z = dot(mode.Z + a * n, P + k * n, n)
        mode.z[a * s + k] = z
        add(z, p.row(kink), D, to: mode.b + k * D)
      }
    }
    for k in 0..<s * D {
      mode.b[k] *= factor
      if mode.b[k] != 0 { mode.isStill = false }
    }
  }

  /// The mode's propagator and its values at the nodes.
  func propagate(_ mode: Mode) {
    prepareMotion(mode)
    guard mode.seriesStamp != stamp else { return }
    mode.seriesStamp = stamp
    mode.terms = Int(ckink_propagator(&mode.path, mode.series.pointer, mode.atNodes.pointer))
    mode.isTooFar = mode.terms == 0
    if mode.isTooFar { mode.terms = Int(CKINK_MAX_TERMS) }
  }

  /// `Psi(t)` of a mode that has been propagated.
  func propagator(_ mode: Mode, at t: Double, into psi: UnsafeMutablePointer<Double>) {
    ckink_propagator_at(Int32(p.q), mode.series.pointer, Int32(mode.terms), t, psi)
  }

  func endPropagator(_ mode: Mode) -> UnsafeMutablePointer<Double> {
    mode.atNodes.pointer + (s - 1) * p.q * p.q
  }

  /// When kinks turn between repelling and not, and when a held neuron is let go.
  func prepareEvents(_ mode: Mode) {
    prepareMotion(mode)
    guard mode.eventStamp != stamp else { return }
    mode.eventStamp = stamp
    let (D, count) = (p.D, mode.walls.count)
    var turns = 0
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * s) { scratch in
      let rate = scratch.baseAddress!
      for w in 0..<count {
        for k in 0..<s { rate[k] = dot(mode.b + k * D, mode.wallRows + w * D, p.d) }
        for q in 0..<rootsOnUnit(rate, s, from: 0, rate + s) {
          mode.turnTime[turns] = rate[s + q]
          mode.turnWall[turns] = Int32(w)
          turns += 1
        }
      }
    }
    mode.path.turn_count = Int32(turns)
    mode.release = release(of: mode, after: 0)
  }

  /// The first time after `t0` at which an equivalent control `z_a / (jump e)` leaves `[0, 1]`, by the path `p` *and* by
  /// the path through `e0`, `p + (e0 - p(0)) l0`, `l0 = prod(1 - t/c_j)`, which is continuous from step to step: without
  /// the second, the jump of `p` between steps would let go and catch again.
  func release(of mode: Mode, after t0: Double) -> Release {
    var first = Release()
    if mode.pattern.isStuck || mode.held.isEmpty { return first }
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 4 * (s + 1)) { scratch in
      let (z, e) = (scratch.baseAddress!, scratch.baseAddress! + 2 * (s + 1))
      for (a, kink) in mode.held.enumerated() {
        controlAlongPaths(mode, a, kink, z, e)
        for isHigh in [false, true] {
          // z and jump e have one sign while they hold the neuron: what must stay positive is sign z, sign (jump e - z).
          for c in 0..<2 {
            let (z, e) = (z + c * (s + 1), e + c * (s + 1))
            let sign = horner(e, s + 1, t0) >= 0 ? 1.0 : -1
            if isHigh {
              for k in 0...s { z[k] = e[k] * sign - z[k] }
            } else {
              for k in 0...s { z[k] *= sign }
            }
          }
          let when = firstBothNegative(z, z + s + 1, after: t0, before: first.when)
          if when < first.when { first = Release(when: when, kink: kink, isHigh: isHigh) }
        }
      }
    }
    return first
  }

  /// `z_a` and `jump e` in power form, `s + 1` terms each: by `p`, then by the path through `e0`.
  private func controlAlongPaths(
    _ mode: Mode, _ a: Int, _ kink: Int, _ z: UnsafeMutablePointer<Double>, _ e: UnsafeMutablePointer<Double>
  ) {
    let (i, jump) = (p.sample[kink], p.jump[kink])
    let P = self.P.pointer
    var defect = 0.0
    for j in 0..<n { defect += mode.Z[a * n + j] * (e0.pointer[j] - P[j]) }
    for k in 0...s {
      z[k] = k < s ? mode.z[a * s + k] : 0
      e[k] = k < s ? jump * P[k * n + i] : 0
      z[s + 1 + k] = z[k] + defect * collocation.atStart[k]
      e[s + 1 + k] = e[k] + jump * (e0.pointer[i] - P[i]) * collocation.atStart[k]
    }
  }

  /// The first time in `(t0, limit)` from which on both polynomials of `s + 1` terms are negative.
  private func firstBothNegative(
    _ f: UnsafePointer<Double>, _ g: UnsafePointer<Double>, after t0: Double, before limit: Double
  ) -> Double {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * s + 3) { scratch in
      let breaks = scratch.baseAddress!
      var count = rootsOnUnit(f, s + 1, from: t0, breaks)
      count += rootsOnUnit(g, s + 1, from: t0, breaks + count)
      if count == 0, horner(f, s + 1, t0) >= 0 || horner(g, s + 1, t0) >= 0 { return CKINK_FAR }
      breaks[count] = 1
      var all = UnsafeMutableBufferPointer(start: breaks, count: count + 1)
      all.sort()
      var from = t0
      for k in 0...count where from < limit {
        let middle = 0.5 * (from + breaks[k])
        if horner(f, s + 1, middle) < 0, horner(g, s + 1, middle) < 0 { return from }
        from = breaks[k]
      }
      return CKINK_FAR
    }
  }
}
