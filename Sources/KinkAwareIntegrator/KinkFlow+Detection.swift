import CKinkFlow

/// Who meets an event on the current path: one pass over the neurons with a few rows per mode.
extension KinkFlow {
  /// Puts neurons that may meet an event into ``trace``.
  func detect() {
    trace.clear()
    var runs: [(mode: Mode, from: Int)] = []
    for mode in modes where mode.neurons.count > 0 {
      prepareEvents(mode)
      if mode.isStill { continue }
      if mode.release.when <= 1 || (!isShared(mode) && !mode.walls.isEmpty) {
        for slot in 0..<mode.neurons.count { trace.append(mode, slot) }
        continue
      }
      if mode.walls.isEmpty && mode.held.isEmpty { continue }
      propagate(mode)
      if mode.isTooFar { isTooFar = true }
      fillRows(mode)
      if team.threads == 1 {
        let least = detectRows(mode)
        least.scan(mode.neurons, 0, mode.neurons.count) { trace.append(mode, $0) }
      } else {
        for from in stride(from: 0, to: mode.neurons.count, by: Self.block) { runs.append((mode, from)) }
      }
    }
    if runs.isEmpty { return }
    var hits = [[Int32]](repeating: [], count: runs.count)
    hits.withUnsafeMutableBufferPointer { hits in
      nonisolated(unsafe) let hits = hits
      team.forEach(runs.count, work: m) { r, _ in
        let (mode, from) = runs[r]
        let least = detectRows(mode)
        var found: [Int32] = []
        least.scan(mode.neurons, from, min(from + Self.block, mode.neurons.count)) { found.append(Int32($0)) }
        hits[r] = found
      }
    }
    for (run, found) in zip(runs, hits) {
      for slot in found { trace.append(run.mode, Int(slot)) }
    }
  }

  /// Rows whose products with theta stay positive if nothing happens: each wall at the end of the step and where its rate
  /// vanishes.
  private func fillRows(_ mode: Mode) {
    let (q, D) = (p.q, p.D)
    let (rows, psi) = (mode.rows.pointer, team.scratch(0))
    var count = 0
    func addRow(_ psi: UnsafePointer<Double>, _ wall: Int) {
      let (row, normal) = (rows + count * q, mode.wallRows + wall * D)
      for c in 0..<q { row[c] = 0 }
      for a in 0..<D { add(normal[a], psi + (a + 1) * q, q, to: row) }
      count += 1
    }
    for w in mode.walls.indices { addRow(endPropagator(mode), w) }
    for t in 0..<Int(mode.path.turn_count) {
      propagator(mode, at: mode.turnTime[t], into: psi)
      addRow(psi, Int(mode.turnWall[t]))
    }
    mode.rowCount = count
  }

  private func detectRows(_ mode: Mode) -> Least {
    Least(q: p.q, end: endPropagator(mode), rows: mode.rows.pointer, count: mode.rowCount)
  }
}

/// Neurons for which some row, or the product of the first and last alpha, is negative.
private struct Least {
  let q: Int
  let end: UnsafePointer<Double>
  let rows: UnsafePointer<Double>
  let count: Int

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
