/// The start: which neuron is in which mode, and the first step.
extension KinkFlow {
  /// At a state of which nothing else is known; `outputs` are those of the network.
  ///
  /// - Throws: ``StepFailure/dependentKinks``.
  func start(_ state: UnsafePointer<Double>, outputs: [Double], step: Double?) throws(StepFailure) {
    var residuals = [Double](repeating: 0, count: p.n)
    loss.residuals(outputs, into: &residuals)
    var theta = [Double](repeating: 0, count: p.q)
    var sides = [Int8](repeating: 0, count: p.kinkCount)
    for k in 0..<p.width {
      read(state, k, into: &theta)
      var size = 0.0
      for c in 0..<p.q { size += abs(theta[c]) }
      var isOnKink = false
      for kink in 0..<p.kinkCount {
        let h = theta.withUnsafeBufferPointer { dot($0.baseAddress! + 1, p.row(kink), p.D) }
        sides[kink] = abs(h) <= 1e-14 * size ? 0 : h > 0 ? 1 : -1
        if sides[kink] == 0 { isOnKink = true }
      }
      let mode = isOnKink ? try startOnKinks(sides, theta, residuals) : try modes.mode(sides)
      if isOnKink { mode.project(&theta) }
      if p.isAtOrigin(theta) { ambiguities.neuronsAtOrigin.insert(Int32(k)) }
      mode.neurons.append(theta, id: Int32(k))
    }
    rebuildMoments()
    now.evaluate(modes)
    if let step {
      control.next = step
    } else {
      let trace = rates.trace(modes, curvatures: now.curvatures)
      control.start(fastestRate: largestForce(now.residuals) + trace)
    }
  }

  /// `(alpha, W)` of a neuron of the network.
  func read(_ state: UnsafePointer<Double>, _ k: Int, into theta: UnsafeMutablePointer<Double>) {
    theta[0] = p.kappaPrime * state[k]
    for c in 1...p.d { theta[c] = state[c * p.width + k] }
    if !p.isHomogeneous { theta[p.D] = 1 }
  }

  /// A start exactly on kinks (sides of 0): the steepest consistent side, or held.
  private func startOnKinks(
    _ on: [Int8], _ theta: [Double], _ residuals: [Double]
  ) throws(StepFailure) -> Mode {
    let kinks = (0..<p.kinkCount).filter { on[$0] == 0 }
    let below = try modes.mode(on.map { $0 == 0 ? -1 : $0 })
    let rate = below.outputRate(theta, residuals)
    let corner = FilippovCorner(
      problem: p, residuals: residuals, sign: theta[0] != 0 ? (theta[0] > 0 ? 1 : -1) : rate >= 0 ? 1 : -1)
    if kinks.count == p.kinkCount, p.isAtOrigin(theta) {
      return try modes.modeFromOrigin(corner)
    }
    let way = corner.wayOut(from: below.pattern.array, corner: kinks, preferring: .steepest)
    return if let way { try modes.mode(way) } else { below }
  }
}
