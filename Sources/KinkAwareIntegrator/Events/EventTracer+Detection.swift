import CKinkFlow

/// Who meets an event on the path: one pass over the neurons with a few rows per mode.
extension EventTracer {
  /// Puts neurons that may meet an event into ``neurons``.
  ///
  /// - Throws: ``StepFailure/seriesTooLong``.
  func detect() throws(StepFailure) {
    neurons.clear()
    // In the order of the modes however many threads there are: it decides how sums are rounded.
    var runs: [Run] = []
    for mode in modes.modes where mode.neurons.count > 0 {
      mode.prepareEvents(along: path)
      if mode.motion.isStill && !(mode.pattern.isAtRest && mode.events.release.when <= 1) { continue }
      if mode.events.release.when <= 1 || (!mode.isShared && !mode.walls.isEmpty) {
        look(at: Run(mode: mode, from: 0, to: mode.neurons.count, takesAll: true), elseAddTo: &runs)
        continue
      }
      if mode.walls.isEmpty && mode.held.isEmpty { continue }
      mode.propagate(along: path)
      if mode.motion.isTooLong { throw .seriesTooLong }
      fillRows(mode)
      let step = pool.threads == 1 ? mode.neurons.count : Mode.block
      for from in stride(from: 0, to: mode.neurons.count, by: step) {
        look(
          at: Run(mode: mode, from: from, to: min(from + step, mode.neurons.count), takesAll: false),
          elseAddTo: &runs)
      }
    }
    if !runs.isEmpty { scan(runs) }
  }

  /// Neurons of a mode to look at, or to take without looking.
  private struct Run {
    let mode: Mode
    let from: Int
    let to: Int
    let takesAll: Bool

    @inline(__always)
    func forEachHit(_ path: ResidualPath, _ body: (Int) -> Void) {
      if takesAll {
        for slot in from..<to { body(slot) }
      } else {
        LeastRow(mode, path).scan(mode.neurons, from, to, body)
      }
    }
  }

  /// Looks at once if there is one thread, and later together with the other `runs` if there are more.
  private func look(at run: Run, elseAddTo runs: inout [Run]) {
    if pool.threads > 1 { return runs.append(run) }
    run.forEachHit(path) { neurons.append(run.mode, $0) }
  }

  private func scan(_ runs: [Run]) {
    var hits = [[Int32]](repeating: [], count: runs.count)
    hits.withUnsafeMutableBufferPointer { hits in
      nonisolated(unsafe) let hits = hits
      pool.forEach(runs.count, work: modes.problem.width) { r, _ in
        var found: [Int32] = []
        runs[r].forEachHit(path) { found.append(Int32($0)) }
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
