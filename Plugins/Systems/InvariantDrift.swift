import ODECore

/// `invariants`: `max_t |I(t) - I(t_0)| / max(|I(t_0)|, 1)` over the steps, for each function `I(t, y)` that the
/// problem says its exact solutions keep (``/ODECore/Invariants``): an error estimate for free.
final class InvariantDrift: Observer {
  let name = "invariants"
  let watchesSteps = true
  private var start: [Double] = []
  private var drift: [Double] = []

  var memory: [Double] {
    get { drift }
    set { drift = newValue }
  }

  func refusal(of problem: ODEProblem) -> String? {
    problem.invariants == nil ? "this problem names no invariants to watch" : nil
  }

  func begin(_ moment: Moment) {
    start = values(moment)
    drift = start.map { _ in 0 }
  }

  func step(_ moment: Moment) {
    for (i, value) in values(moment).enumerated() {
      drift[i] = max(drift[i], abs(value - start[i]) / max(abs(start[i]), 1))
    }
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    let names = moment.problem.invariants?.names ?? []
    return Dictionary(zip(names, drift.map(ObservedValue.number)), uniquingKeysWith: { $1 })
  }

  private func values(_ moment: Moment) -> [Double] {
    guard let invariants = moment.problem.invariants else { return [] }
    return moment.withState { invariants.values(moment.time, $0) }
  }
}
