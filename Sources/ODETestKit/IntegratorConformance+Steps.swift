import Foundation
import ODECore

extension IntegratorConformance {
  func landing(_ integrator: some Integrator) throws -> [String] {
    var found: [String] = []
    let state = try integrator.makeState(for: problem(), restart: nil)
    if state.time != 0 { found.append("before the first step time is \(state.time), not the initial time") }
    // Limits near and far, one of them just beyond the last.
    for limit in [0.3, 0.3 + 1e-9, 1.7, Self.endTime] {
      var steps = 0
      while state.time < limit {
        let (before, accepted) = (state.time, state.statistics.accepted)
        try state.advance(to: limit)
        if state.time <= before { return found + ["time went from \(before) to \(state.time)"] }
        if state.time > limit { return found + ["time is \(state.time), beyond the limit \(limit)"] }
        if state.previousTime != before {
          found.append("previousTime is \(state.previousTime) after a step from \(before)")
        }
        if state.statistics.accepted != accepted + 1 {
          found.append("advance raised `accepted` from \(accepted) to \(state.statistics.accepted)")
        }
        steps += 1
        if steps > 100_000 { throw NeverEnds(steps: steps, time: state.time) }
      }
    }
    let free = try integrator.makeState(for: problem(to: .infinity), restart: nil)
    for _ in 0..<3 {
      try free.advance(to: .infinity)
      if !free.time.isFinite || free.time <= free.previousTime {
        found.append("with an infinite limit a step went from \(free.previousTime) to \(free.time)")
        break
      }
    }
    return found
  }

  func accurate(_ integrator: some Integrator) throws -> [String] {
    let solution = try run(problem(), with: integrator)
    guard solution.returnCode == .success else {
      return ["ended with \(solution.returnCode): \(solution.message)"]
    }
    let defect = error(solution.state, Self.endTime)
    return defect <= accuracy ? [] : ["error \(defect) at the end, \(accuracy) is allowed"]
  }

  func backward(_ integrator: some Integrator) throws -> [String] {
    var found: [String] = []
    let state = try integrator.makeState(for: problem(from: Self.endTime, to: 0), restart: nil)
    let scratch = StateVector(count: 3)
    var steps = 0
    while state.time > 0 {
      let before = state.time
      try state.advance(to: 0)
      if state.time >= before { return found + ["time went from \(before) to \(state.time)"] }
      if state.time < 0 { return found + ["time is \(state.time), beyond the limit 0"] }
      let middle = before + (state.time - before) / 2
      try scratch.withMutableSpan { try state.interpolate(at: middle, into: &$0) }
      let defect = error(scratch.array, middle)
      if defect > accuracy { return found + ["dense output is wrong by \(defect) at t = \(middle)"] }
      steps += 1
      if steps > 100_000 { throw NeverEnds(steps: steps, time: state.time) }
    }
    let defect = error(state.withState { [Double](copying: $0) }, 0)
    if defect > accuracy { found.append("error \(defect) at the end, \(accuracy) is allowed") }
    if state.restart.stepSize >= 0 {
      found.append("restart.stepSize is \(state.restart.stepSize), not negative")
    }
    return found
  }

  func interpolation(_ integrator: some Integrator) throws -> [String] {
    let state = try integrator.makeState(for: problem(), restart: nil)
    let scratch = StateVector(count: 3)
    func dense(_ t: Double) throws -> [Double] {
      for i in 0..<3 { scratch.pointer[i] = .nan }
      try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
      return scratch.array
    }
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).map { abs($0 - $1).isNaN ? .infinity : abs($0 - $1) }.max()!
    }
    var last = Sample(state).state
    var found: [String] = []
    while state.time != Self.endTime, found.isEmpty {
      try state.advance(to: Self.endTime)
      let (a, b) = (state.previousTime, state.time)
      let now = Sample(state).state
      // The end points themselves, and their neighbours inside the step: no jump.
      for (t, y) in [(b, now), (a, last), (b.nextDown, now), (a.nextUp, last)] where a <= t && t <= b {
        let gap = distance(try dense(t), y)
        if gap > interpolationTolerance {
          found.append("at t = \(t) in the step [\(a), \(b)] it misses the state by \(gap)")
        }
      }
      for k in 1..<4 {
        let t = a + Double(k) / 4 * (b - a)
        let defect = error(try dense(t), t)
        if defect > accuracy { found.append("wrong by \(defect) at t = \(t)") }
      }
      last = now
    }
    return found
  }

  func interpolationIsPassive(_ integrator: some Integrator) throws -> [String] {
    let plain = try trace(integrator.makeState(for: problem(), restart: nil), to: Self.endTime)
    let state = try integrator.makeState(for: problem(), restart: nil)
    let scratch = StateVector(count: 3)
    for expected in plain {
      try state.advance(to: Self.endTime)
      for k in [4, 1, 3, 0, 2] {
        let t = k == 4 ? state.time : state.previousTime + Double(k) / 4 * (state.time - state.previousTime)
        try scratch.withMutableSpan { try state.interpolate(at: t, into: &$0) }
      }
      if Sample(state) != expected {
        return [
          "the step that ends at \(state.time) differs from the one, without, that ends at \(expected.time)"
        ]
      }
    }
    return []
  }
}
