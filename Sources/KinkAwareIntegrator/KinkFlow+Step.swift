import CKinkFlow

/// Steps: finding a path that is accepted, and moving everything to its end.
extension KinkFlow {
  /// One accepted step towards `limit`.
  ///
  /// - Throws: ``StepFailure``; all is then as it was.
  func advance(to limit: Double) throws(StepFailure) {
    path.start.pointer.update(from: now.residuals.pointer, count: p.n)
    if modes.count > 2 * p.width + 256 { modes.dropEmpty() }
    try leaveOrigin()
    try rates.decompose(modes, curvatures: now.curvatures)
    let (R, force) = (now.risk, largestForce(path.start))
    let rounding = now.riskRounding
    var isFinite = true
    while true {
      let attempt: StepSizeControl.Attempt
      do {
        attempt = try control.attempt(from: time, to: limit, force: force)
      } catch .underflow where !isFinite {
        throw .notFinite
      }
      do {
        try solver.solve(length: attempt.length, after: lastPath, from: now)
      } catch .dependentKinks {
        throw .dependentKinks
      } catch {
        isFinite = solver.isFinite
        control.rejectPath(attempt.length)
        continue
      }
      let error = solver.error(now.noise)
      if control.rejects(attempt.length, error: error) {
        isFinite = error.isFinite
        continue
      }
      // The flow never climbs.
      if solver.riskAtEnd(now.curvatures) > R * (1 + 1e-6) + rounding, control.rejectsClimb(attempt.length) {
        continue
      }
      control.accept(attempt, error: error)
      commit(attempt.end)
      return
    }
  }

  /// Moves every neuron along the path; those with events to where they have been traced.
  private func commit(_ end: Double) {
    events += tracer.counts
    let traced = tracer.neurons
    ambiguities.signChanges += tracer.counts.signChanges
    for k in 0..<traced.count where traced.items[k].metOrigin {
      ambiguities.neuronsAtOrigin.insert(traced.items[k].id)
    }
    traced.remember(modes)
    for k in 0..<traced.count {
      let from = modes[Int(traced.items[k].from)]
      if from.isShared, !from.momentsAreStale { from.addToMoments(-1, traced.before + k * p.q) }
    }
    rememberFewNeurons()
    moveNeurons()
    for mode in modes.modes
    where mode.isShared && mode.motion.isPropagated(along: path) && !mode.motion.isStill {
      mode.moveMoments(mode.endPropagator(path), pool.scratch(0))
    }
    moveTraced()
    for mode in modes.modes where !mode.isShared { mode.momentsAreStale = true }
    rebuildMoments(onlyStale: control.taken % 64 != 0)
    lastPath.remember(path)
    time = end
    now.evaluate(modes)
  }

  /// Moves the neurons of each mode, those with events as if they had none.
  private func moveNeurons() {
    for mode in modes.modes where mode.neurons.count > 0 {
      if mode.isShared { mode.propagate(along: path) } else { mode.prepareMotion(along: path) }
    }
    forEachRun { mode, from, to, thread in
      if mode.motion.isStill { return }
      let neurons = mode.neurons
      if mode.isShared {
        ckink_move(Int32(p.q), mode.endPropagator(path), neurons.theta + from, neurons.ld, to - from)
        return
      }
      var start = from
      mode.forEachBatch(from, to, pool.batchMemory(thread, p.q)) { batch, theta, scratch in
        var course = mode.events.endlessCourse
        _ = ckink_follow(&course, &batch, 1, theta, CKINK_SUM_NOTHING, mode.motion.sums, scratch)
        for l in 0..<Int(batch.count) { neurons.write(theta + l, to: start + l, stride: Int(CKINK_LANES)) }
        start += Int(batch.count)
      }
    }
  }

  private func moveTraced() {
    let (q, traced) = (p.q, tracer.neurons)
    let items = traced.items
    // Backwards: the last neuron takes a free place, and earlier slots stay valid.
    for k in stride(from: traced.count - 1, through: 0, by: -1) {
      let from = modes[Int(items[k].from)]
      if items[k].from != items[k].place {
        from.neurons.remove(Int(items[k].slot))
        continue
      }
      from.neurons.write(traced.theta + k * q, to: Int(items[k].slot))
      if !from.momentsAreStale { from.addToMoments(1, traced.theta + k * q) }
    }
    for k in 0..<traced.count where items[k].from != items[k].place {
      let to = modes[Int(items[k].place)]
      to.neurons.append(traced.theta + k * q, id: items[k].id)
      if !to.momentsAreStale { to.addToMoments(1, traced.theta + k * q) }
    }
  }

  /// Neurons that rest at `w = 0` in more than two dimensions leave when the residuals allow it; looked at between steps.
  /// In the plane ``OriginRays`` finds the time.
  private func leaveOrigin() throws(StepFailure) {
    var x = [Double](repeating: 0, count: p.q)
    for mode in modes.modes where mode.pattern.isAtRest && mode.rays == nil && mode.neurons.count > 0 {
      // All neurons of a mode at rest have alpha of one sign, and the same choice.
      let corner = FilippovCorner(problem: p, residuals: path.start.array, sign: Double(mode.pattern.rest))
      let to = try modes.modeFromOrigin(corner)
      if to === mode { continue }
      for slot in stride(from: mode.neurons.count - 1, through: 0, by: -1) {
        mode.neurons.read(slot, into: &x)
        to.neurons.append(x, id: mode.neurons.id[slot])
        mode.neurons.remove(slot)
      }
      to.momentsAreStale = true
      mode.momentsAreStale = true
    }
    rebuildMoments(onlyStale: true)
  }
}
