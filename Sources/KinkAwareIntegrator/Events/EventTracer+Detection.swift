import CKinkFlow

/// Who meets an event on the path: one pass over the neurons with a few rows per mode.
extension EventTracer {
  /// Puts neurons that may meet an event into ``neurons``.
  ///
  /// - Throws: ``StepFailure/seriesTooLong``.
  func detect() throws(StepFailure) {
    neurons.clear()
    var runs: [(mode: Mode, from: Int)] = []
    for mode in modes.modes where mode.neurons.count > 0 {
      mode.prepareEvents(along: path)
      if mode.motion.isStill && !(mode.pattern.isAtRest && mode.events.release.when <= 1) { continue }
      if mode.events.release.when <= 1 || (!mode.isShared && !mode.walls.isEmpty) {
        for slot in 0..<mode.neurons.count { neurons.append(mode, slot) }
        continue
      }
      if mode.walls.isEmpty && mode.held.isEmpty { continue }
      mode.propagate(along: path)
      if mode.motion.isTooLong { throw .seriesTooLong }
      fillRows(mode)
      if pool.threads == 1 {
        LeastRow(mode, path).scan(mode.neurons, 0, mode.neurons.count) { neurons.append(mode, $0) }
      } else {
        for from in stride(from: 0, to: mode.neurons.count, by: Mode.block) { runs.append((mode, from)) }
      }
    }
    if !runs.isEmpty { scan(runs) }
  }

  private func scan(_ runs: [(mode: Mode, from: Int)]) {
    var hits = [[Int32]](repeating: [], count: runs.count)
    hits.withUnsafeMutableBufferPointer { hits in
      nonisolated(unsafe) let hits = hits
      pool.forEach(runs.count, work: modes.problem.width) { r, _ in
        let (mode, from) = runs[r]
        var found: [Int32] = []
        LeastRow(mode, path).scan(mode.neurons, from, min(from + Mode.block, mode.neurons.count)) {
          found.append(Int32($0))
        }
        hits[r] = found
      }
    }
    for (run, found) in zip(runs, hits) {
      for slot in found { neurons.append(run.mode, Int(slot)) }
    }
  }

  /// Rows whose products with theta stay positive if nothing happens: each wall at the end of the step and where its rate
  /// vanishes.
  private func fillRows(_ mode: Mode) {
    let (q, D) = (problem.q, problem.D)
    let (rows, psi) = (mode.events.rows.pointer, pool.scratch(0))
    var count = 0
    func addRow(_ psi: UnsafePointer<Double>, _ wall: Int) {
      let (row, normal) = (rows + count * q, mode.wallRows + wall * D)
      for c in 0..<q { row[c] = 0 }
      for a in 0..<D { add(normal[a], psi + (a + 1) * q, q, to: row) }
      count += 1
    }
    for w in mode.walls.indices { addRow(mode.endPropagator(path), w) }
    for t in 0..<Int(mode.events.course.pointee.turn_count) {
      mode.propagator(at: mode.events.turnTime[t], into: psi)
      addRow(psi, Int(mode.events.turnWall[t]))
    }
    mode.events.rowCount = count
  }
}

/// Neurons for which some row, or the product of the first and last alpha, is negative.
private struct LeastRow {
  let q: Int
  let end: UnsafePointer<Double>
  let rows: UnsafePointer<Double>
  let count: Int

  init(_ mode: Mode, _ path: ResidualPath) {
    q = mode.problem.q
    end = UnsafePointer(mode.endPropagator(path))
    rows = UnsafePointer(mode.events.rows.pointer)
    count = mode.events.rowCount
  }

  func scan(_ neurons: Neurons, _ from: Int, _ to: Int, _ body: (Int) -> Void) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 256) { least in
      for start in stride(from: from, to: to, by: 256) {
        let length = min(256, to - start)
        ckink_least(
          Int32(q), end, rows, count, neurons.theta + start, neurons.ld, length, least.baseAddress!)
        for k in 0..<length where least[k] < 0 { body(start + k) }
      }
    }
  }
}
