import CKinkFlow

/// The state at the end of the last step and within it.
extension KinkFlow {
  private func write(
    _ theta: UnsafePointer<Double>, _ id: Int32, _ state: UnsafeMutablePointer<Double>, stride: Int = 1
  ) {
    state[Int(id)] = theta[0] / p.kappaPrime
    for c in 1...p.d { state[c * p.width + Int(id)] = theta[c * stride] }
  }

  func writeState(_ state: UnsafeMutablePointer<Double>) {
    let (d, m, kappaPrime) = (p.d, p.width, p.kappaPrime)
    forEachRun { mode, from, to, _ in
      let neurons = mode.neurons
      let (id, ld) = (neurons.id, neurons.ld)
      for k in from..<to { state[Int(id[k])] = neurons.theta[k] / kappaPrime }
      for c in 1...d {
        let (row, out) = (neurons.theta + c * ld, state + c * m)
        for k in from..<to { out[Int(id[k])] = row[k] }
      }
    }
  }

  /// The starts of neurons that move by series of their own.
  func rememberFewNeurons() {
    kept.clear()
    for mode in modes.modes where mode.neurons.count > 0 && !mode.isShared {
      mode.prepareMotion(along: path)
      if mode.motion.isStill { continue }
      for slot in 0..<mode.neurons.count { kept.append(mode, slot) }
    }
  }

  /// The same motion as in the step: modes of many neurons from the end back by `Psi(u) Psi(1)^-1`, others by their
  /// series from the start, and neurons with events followed again up to `u`.
  func interpolate(_ u: Double, _ state: UnsafeMutablePointer<Double>) {
    let q = p.q
    // Modes that received neurons only now are overwritten below, where those are followed.
    forEachRun { mode, from, to, thread in
      let (neurons, matrix) = (mode.neurons, pool.scratch(thread))
      let moves = !mode.motion.isStill && mode.motion.isPropagated(along: path)
      if moves { fillWayBack(mode, u, into: matrix) }
      let x = matrix + q * q
      for slot in from..<to {
        neurons.read(slot, into: x)
        if moves { for a in 0..<q { x[q + a] = dot(matrix + a * q, x, q) } }
        write(moves ? x + q : x, neurons.id[slot], state)
      }
    }
    for k in 0..<kept.count {
      let memory = pool.batchMemory(0, q)
      let theta = memory.theta
      let mode = kept.modes[k]
      var batch = ckink_batch()
      batch.count = 1
      setLane(&batch.release, 0, CKINK_FAR)
      for c in 0..<q { theta[c * Int(CKINK_LANES)] = kept.theta[k * q + c] }
      var course = mode.events.endlessCourse
      _ = ckink_follow(&course, &batch, u, theta, CKINK_SUM_NOTHING, mode.motion.sums, memory.scratch)
      write(theta, kept.ids[k], state, stride: Int(CKINK_LANES))
    }
    // What went well to the end of the step goes well up to `u`.
    try? tracer.runAgain(until: u)
    let traced = tracer.neurons
    for k in 0..<traced.count { write(traced.theta + k * q, traced.items[k].id, state) }
  }

  /// `Psi(u) Psi(1)^-1`. Without kinks away from zero the inverse is `eta Psi^T eta`, `eta = diag(1, -1, ..., -1)`.
  private func fillWayBack(_ mode: Mode, _ u: Double, into A: UnsafeMutablePointer<Double>) {
    let (q, end) = (p.q, mode.endPropagator(path))
    mode.propagator(at: u, into: A)
    let back = UnsafeMutablePointer<Double>.allocate(capacity: q * q)
    defer { back.deallocate() }
    for a in 0..<q {
      for b in 0..<q { back[a * q + b] = ((a == 0) == (b == 0) ? 1 : -1) * end[b * q + a] }
    }
    if !p.isHomogeneous {
      // [L c; 0 1]^-1 = [L^-1 -L^-1 c; 0 1].
      let D = p.D
      for a in 0..<D {
        back[a * q + D] = -(0..<D).reduce(0) { $0 + back[a * q + $1] * end[$1 * q + D] }
        back[D * q + a] = 0
      }
      back[D * q + D] = 1
    }
    let product = UnsafeMutablePointer<Double>.allocate(capacity: q * q)
    defer { product.deallocate() }
    for a in 0..<q {
      for b in 0..<q { product[a * q + b] = (0..<q).reduce(0) { $0 + A[a * q + $1] * back[$1 * q + b] } }
    }
    A.update(from: product, count: q * q)
  }
}

/// Neurons at the start of a step.
final class KeptNeurons {
  private let q: Int
  private(set) var modes: [Mode] = []
  private(set) var ids: [Int32] = []
  private(set) var theta: [Double] = []

  init(q: Int) { self.q = q }

  var count: Int { ids.count }

  func clear() {
    modes.removeAll(keepingCapacity: true)
    ids.removeAll(keepingCapacity: true)
    theta.removeAll(keepingCapacity: true)
  }

  func append(_ mode: Mode, _ slot: Int) {
    modes.append(mode)
    ids.append(mode.neurons.id[slot])
    for c in 0..<q { theta.append(mode.neurons.theta[c * mode.neurons.ld + slot]) }
  }
}
