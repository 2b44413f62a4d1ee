import GradientFlow
import Foundation

/// The start: which neuron is in which mode, and the first step.
extension KinkFlow {
  /// At a state of which nothing else is known; `outputs` are those of the network.
  func start(_ state: UnsafePointer<Double>, outputs: [Double], step: Double?) throws(Failure) {
    fNow.pointer.update(from: outputs, count: n)
    loss.residuals(fNow.pointer, into: eAt.pointer)
    e0.pointer.update(from: eAt.pointer, count: n)
    let (theta, sides) = (workM.pointer, otherSides.pointer)
    for k in 0..<m {
      read(state, k, into: theta)
      var size = 0.0
      for c in 0..<p.q { size += abs(theta[c]) }
      var isOnKink = false
      for kink in 0..<p.kinkCount {
        let h = dot(theta + 1, p.row(kink), p.D)
        sides[kink] = abs(h) <= 1e-14 * size ? 0 : h > 0 ? 1 : -1
        if sides[kink] == 0 { isOnKink = true }
      }
      guard let mode = isOnKink ? startOnKinks(sides, theta) : self.mode(sides) else { throw .unsuitable }
      if isOnKink {
        read(state, k, into: theta)
        project(theta, onto: mode)
      }
      mode.neurons.append(theta, id: Int32(k))
    }
    eventCounters = Counters()
    rebuildMoments()
    evaluate()
    e0.pointer.update(from: eNow.pointer, count: n)
    nextStep = step ?? firstStep()
  }

  /// `(alpha, W)` of a neuron of the network.
  func read(_ state: UnsafePointer<Double>, _ k: Int, into theta: UnsafeMutablePointer<Double>) {
    theta[0] = p.kappaPrime * state[k]
    for c in 1...p.d { theta[c] = state[c * m + k] }
    if !p.isHomogeneous { theta[p.D] = 1 }
  }

  /// A start exactly on kinks (sides of 0): the steepest consistent side, or held.
  private func startOnKinks(_ on: UnsafeMutablePointer<Int8>, _ theta: UnsafePointer<Double>) -> Mode? {
    let corner = (0..<p.kinkCount).filter { on[$0] == 0 }
    for kink in corner { on[kink] = -1 }
    guard let below = mode(on) else { return nil }
    let rate = outputRate(below, theta)
    let sign = theta[0] != 0 ? (theta[0] > 0 ? 1.0 : -1) : rate >= 0 ? 1 : -1
    if corner.count == p.kinkCount, isNearZero(theta) { return throughZero(below, sign) }
    guard let way = wayOut(below.pattern.sides, corner, sign, isSteepest: true) else { return below }
    return mode(way)
  }

  /// A fraction of the fastest time, of growth of a neuron or of decay of the residuals.
  private func firstStep() -> Double {
    fillRates()
    let trace = (0..<n).reduce(0) { $0 + C.pointer[$1] * rates.pointer[$1 * n + $1] }
    return pow(tolerance, 1 / Double(s + 1)) * 0.5 / (largestForce() + trace)
  }
}
