import CKinkFlow
import Foundation

/// Steps: choice of size, acceptance, and moving everything to the end of the step.
extension KinkFlow {
  /// One accepted step towards `limit`.
  ///
  /// - Throws: ``Failure``; all is then as it was.
  func advance(to limit: Double) throws(Failure) {
    e0.pointer.update(from: eNow.pointer, count: n)
    if modes.count > 2 * m + 256 { dropEmptyModes() }
    try releaseHeldAtZero()
    guard decomposeRates() else { throw .notFinite }
    let (R, force) = (risk, largestForce())
    // The rounding of R: that of the residuals, and what a plateau allows.
    let rounding = 8 * noise * (2 * R).squareRoot() + 64 * noise * noise + loss.riskRounding
    var isFinite = true
    while true {
      let wanted = min(nextStep, 1e300)
      // Rapidities beyond 1.5 would make the series long.
      let size = force * wanted > 1.5 ? 1.5 / force : wanted
      let lands = limit - time <= 1.01 * size
      let end = lands ? limit : time + size
      if !lands, end > 1e300 { throw .atRest }
      H = end - time
      if H < max(16 * time.magnitude.ulp, 1e-300), !lands { throw isFinite ? .underflow : .notFinite }

      guard solvePath() else {
        if isSingular { throw .unsuitable }
        isFinite = E.pointer[0].isFinite && !P.pointer[0].isNaN
        counters.iteration += 1
        counters.rejected += 1
        nextStep = H * 0.5
        hold = 3
        continue
      }
      let error = errorOfStep()
      let factor = min(max(0.85 * pow(error + 1e-30, -1 / Double(s + 1)), 0.2), 4)
      guard error <= 1.5 else {
        isFinite = error.isFinite
        counters.errorTest += 1
        counters.rejected += 1
        nextStep = H * (isFinite ? min(factor, 0.8) : 0.2)
        continue
      }
      // The flow never climbs.
      if riskAtEnd() > R * (1 + 1e-6) + rounding, climbs < 1000 {
        climbs += 1
        counters.rejected += 1
        nextStep = H * 0.5
        hold = 2
        continue
      }
      let growth = hold > 0 ? 1.2 : 4
      hold = max(hold - 1, 0)
      nextStep = H * min(factor, growth)
      // A step cut short by the limit that went well says nothing against the size that was planned.
      if lands, factor >= 1 { nextStep = max(nextStep, wanted) }
      commit(end)
      return
    }
  }

  /// Moves every neuron along the path; those with events to where the traces have found them.
  private func commit(_ end: Double) {
    counters.addEvents(eventCounters)
    trace.remember(modes)
    for k in 0..<trace.count {
      let from = modes[Int(trace.items[k].from)]
      if isShared(from), !from.momentsAreStale { addToMoments(from, -1, trace.before + k * p.q) }
    }
    rememberFewNeurons()
    moveNeurons()
    for mode in modes where isShared(mode) && mode.seriesStamp == stamp && !mode.isStill { moveMoments(mode) }
    moveTraced()
    for mode in modes where !isShared(mode) { mode.momentsAreStale = true }
    taken += 1
    rebuildMoments(onlyStale: taken % 64 != 0)
    lastP.pointer.update(from: P.pointer, count: s * n)
    lastH = H
    time = end
    counters.accepted += 1
    evaluate()
  }

  /// Moves the neurons of each mode, those with events as if they had none.
  private func moveNeurons() {
    for mode in modes where mode.neurons.count > 0 {
      if isShared(mode) { propagate(mode) } else { prepareMotion(mode) }
    }
    forEachRun { mode, from, to, thread in
      if mode.isStill { return }
      let neurons = mode.neurons
      if isShared(mode) {
        ckink_move(Int32(p.q), endPropagator(mode), neurons.theta + from, neurons.ld, to - from)
        return
      }
      var start = from
      forEachBatch(mode, from, to, thread) { batch, theta, scratch in
        var path = mode.endlessPath
        _ = ckink_follow(&path, &batch, 1, theta, CKINK_SUM_NOTHING, mode.sums, scratch)
        for l in 0..<Int(batch.count) { neurons.write(theta + l, to: start + l, stride: Int(CKINK_LANES)) }
        start += Int(batch.count)
      }
    }
  }

  /// Calls `body(mode, from, to, thread)` for runs of neurons.
  func forEachRun(_ body: (Mode, Int, Int, Int) -> Void) {
    if team.threads == 1 {
      for mode in modes where mode.neurons.count > 0 { body(mode, 0, mode.neurons.count, 0) }
      return
    }
    var runs: [(mode: Mode, from: Int)] = []
    for mode in modes {
      for from in stride(from: 0, to: mode.neurons.count, by: Self.block) { runs.append((mode, from)) }
    }
    team.forEach(runs.count, work: m) { r, thread in
      let (mode, from) = runs[r]
      body(mode, from, min(from + Self.block, mode.neurons.count), thread)
    }
  }

  /// `M <- Psi M Psi^T`.
  private func moveMoments(_ mode: Mode) {
    let (q, A, M, half) = (p.q, endPropagator(mode), mode.moments.pointer, team.scratch(0))
    for a in 0..<q {
      for b in 0..<q { half[a * q + b] = dot(A + a * q, M + b * q, q) }
    }
    for a in 0..<q {
      for b in 0..<q { M[a * q + b] = dot(half + a * q, A + b * q, q) }
    }
  }

  private func moveTraced() {
    let (q, items) = (p.q, trace.items)
    // Backwards: the last neuron takes a free place, and earlier slots stay valid.
    for k in stride(from: trace.count - 1, through: 0, by: -1) {
      let from = modes[Int(items[k].from)]
      if items[k].from != items[k].place {
        from.neurons.remove(Int(items[k].slot))
        continue
      }
      from.neurons.write(trace.theta + k * q, to: Int(items[k].slot))
      if !from.momentsAreStale { addToMoments(from, 1, trace.theta + k * q) }
    }
    for k in 0..<trace.count where items[k].from != items[k].place {
      let to = modes[Int(items[k].place)]
      to.neurons.append(trace.theta + k * q, id: items[k].id)
      if !to.momentsAreStale { addToMoments(to, 1, trace.theta + k * q) }
    }
  }
}

/// Why a step, or the start, failed.
enum Failure: Error {
  /// The step fell below the resolution of time.
  case underflow
  /// The path became NaN or infinite however short the step.
  case notFinite
  /// Nothing moves any more and no end of time is given.
  case atRest
  /// The restart does not belong to this problem.
  case badMemory
  /// Kinks that hold one neuron are linearly dependent.
  case unsuitable
}
