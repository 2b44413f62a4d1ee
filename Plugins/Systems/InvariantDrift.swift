import GradientFlow
import PluginKit

/// `invariants`: `max_t |I(t) - I(t_0)| / max(|I(t_0)|, 1)` over the steps, for each function `I(t, y)` that the
/// system says its exact solutions keep: an error estimate for free.
final class InvariantDrift: SystemObserver {
  let name = "invariants"
  let watchesSteps = true
  private var start: [Double] = []
  private var drift: [Double] = []

  var memory: [Double] {
    get { drift }
    set { drift = newValue }
  }

  func begin(_ point: SystemPoint) {
    start = values(point)
    drift = start.map { _ in 0 }
  }

  func step(_ point: SystemPoint) {
    for (i, value) in values(point).enumerated() {
      drift[i] = max(drift[i], abs(value - start[i]) / max(abs(start[i]), 1))
    }
  }

  func finish(_ point: SystemPoint) -> [String: ObservedValue] {
    let names = point.model.invariants?.names ?? []
    return Dictionary(zip(names, drift.map(ObservedValue.number)), uniquingKeysWith: { $1 })
  }

  private func values(_ point: SystemPoint) -> [Double] {
    guard let invariants = point.model.invariants else { return [] }
    return point.withState { invariants.values(point.time, $0) }
  }
}
