import Foundation
import ODECore

extension IntegratorConformance {
  func observersArePassive(_ integrator: some Integrator) throws -> [String] {
    let plain = RecordingObserver()
    let bare = try run(problem(), with: integrator, observers: [plain])
    let busy = RecordingObserver(interpolatesIn: 3)
    let watched = try run(
      problem(), with: integrator, observers: [busy, RecordingObserver(interpolatesIn: 3)],
      saving: .linear(spacing: 0.01))
    var found: [String] = []
    if plain.stepTimes != busy.stepTimes { found.append("other steps are taken") }
    if bare.state.map(\.bitPattern) != watched.state.map(\.bitPattern) { found.append("another result") }
    if bare.statistics.rejected != watched.statistics.rejected { found.append("other rejections") }
    return found
  }

  func callOrder(_ integrator: some Integrator) throws -> [String] {
    let events = [
      Event("sine", direction: .any) { _, y in y[2] },
      Event("cosine", direction: .falling) { _, y in y[1] },
      Event("half", isTerminal: true) { _, y in y[0] - 0.03 },
    ]
    let observer = RecordingObserver()
    let solution = try run(
      problem(events: events), with: integrator, observers: [observer], saving: .linear(spacing: 0.25))
    var found = observer.orderViolations(direction: 1)
    if solution.returnCode != .stopped {
      found.append("a terminal event ended the run with \(solution.returnCode): \(solution.message)")
    }
    // cos t = 0 at pi/2, sin t = 0 at pi, exp(-t) = 0.03 at log(1/0.03); slopes there are 1, 1 and 0.03.
    let expected = [("cosine", Double.pi / 2), ("sine", Double.pi), ("half", -log(0.03))]
    if solution.crossings.map(\.name) != expected.map(\.0) {
      found.append("the events are \(solution.crossings.map(\.name)), not \(expected.map(\.0))")
    } else {
      for (crossing, (name, t)) in zip(solution.crossings, expected)
      where !(abs(crossing.time - t) <= accuracy / 0.03) {
        found.append("event '\(name)' is located at \(crossing.time), it is at \(t)")
      }
    }
    return found
  }

  func systemErrors(_ integrator: some Integrator) throws -> [String] {
    var found: [String] = []
    // In the first evaluation of all, within the first steps, and far in.
    let sound = ProbeSystem()
    _ = try run(problem(sound), with: integrator)
    for call in [1, 3, sound.calls / 2] where call <= sound.calls {
      let system = ProbeSystem(fault: .error(call: call))
      var last = Sample?.none
      do {
        let state = try integrator.makeState(for: problem(system), restart: nil)
        last = Sample(state)
        do {
          while state.time != Self.endTime {
            try state.advance(to: Self.endTime)
            last = Sample(state)
          }
          found.append("an error thrown in evaluation \(call) was lost")
        } catch {
          if Sample(state) != last {
            found.append(
              "after an error in evaluation \(call) the state is not that of the last accepted step")
          }
          throw error
        }
      } catch let error as ProbeError {
        if error != ProbeError(call: call) {
          found.append("evaluation \(call) threw, the integrator went on to evaluation \(error.call)")
        }
      } catch {
        found.append("an error thrown in evaluation \(call) came back as: \(error)")
      }
    }
    return found
  }

  func nonFinite(_ integrator: some Integrator) throws -> [String] {
    var found: [String] = []
    for value in [Double.nan, .infinity] {
      for elapsed in [1.0, 0] {
        for direction in [1.0, -1] {
          let (start, end) = direction > 0 ? (0, Self.endTime) : (Self.endTime, 0)
          let system = ProbeSystem(fault: .value(value, elapsed: elapsed), initialTime: start)
          let setting = "f = \(value) from t = \(start + direction * elapsed) on"
          let observer = RecordingObserver()
          let solution = try run(
            problem(system, from: start, to: end), with: integrator, observers: [observer])
          if solution.returnCode == .maxSteps { found.append("\(setting): \(solution.message)") }
          if solution.returnCode.isSuccess { found.append("\(setting): ended with \(solution.returnCode)") }
          if solution.message.isEmpty { found.append("\(setting): no message") }
          if let i = observer.states.firstIndex(where: { !$0.allSatisfy(\.isFinite) }) {
            found.append("\(setting): a state that is not finite at \(observer.calls[i])")
          }
          if !solution.state.allSatisfy(\.isFinite) {
            found.append("\(setting): ended with \(solution.state)")
          }
          if elapsed == 0, solution.time != start {
            found.append("\(setting): \(solution.time) was reached")
          }
        }
      }
    }
    return found
  }

  func statistics(_ integrator: some Integrator) throws -> [String] {
    var found: [String] = []
    let system = ProbeSystem()
    let observer = RecordingObserver()
    let solution = try run(problem(system), with: integrator, observers: [observer])
    let s = solution.statistics
    if s.nfev != system.calls { found.append("nfev is \(s.nfev), f was called \(system.calls) times") }
    let steps = observer.stepTimes
    if s.accepted != steps.count {
      found.append("accepted is \(s.accepted), there were \(steps.count) steps")
    }
    let indices = observer.calls.compactMap { if case .step(let index, _, _) = $0 { index } else { nil } }
    if indices != Array(1...max(steps.count, 1)) { found.append("steps are not numbered 1, 2, ...") }
    if s.netf > s.rejected { found.append("netf = \(s.netf) exceeds rejected = \(s.rejected)") }
    let lastStep = steps.last.map { $0 - (steps.dropLast().last ?? 0) } ?? 0
    if !(abs(abs(s.lastStepSize) - lastStep) <= 1e-9 * lastStep) {
      found.append("lastStepSize is \(s.lastStepSize), the last step was \(lastStep)")
    }
    if s.lastOrder < 1 { found.append("lastOrder is \(s.lastOrder)") }
    return found
  }

  func restart(_ integrator: some Integrator) throws -> [String] {
    let whole = try integrator.makeState(for: problem(), restart: nil)
    var memories = [(Sample(whole), whole.restart)]
    while whole.time != Self.endTime {
      try whole.advance(to: Self.endTime)
      memories.append((Sample(whole), whole.restart))
    }
    let uninterrupted = memories.dropFirst().map(\.0)
    for position in Set([1, uninterrupted.count / 3, uninterrupted.count / 2, uninterrupted.count - 1])
      .sorted()
    where position >= 1 && position < uninterrupted.count {
      let (sample, memory) = memories[position]
      let saved = try JSONDecoder().decode(Restart.self, from: JSONEncoder().encode(memory))
      let state = try integrator.makeState(
        for: problem(from: sample.time, initialState: sample.state), restart: saved)
      let resumed = try trace(state, to: Self.endTime)
      if restartIsExact, resumed != Array(uninterrupted.dropFirst(position)) {
        return ["resumed after step \(position) of \(uninterrupted.count), the run has other steps"]
      }
      let defect = error(resumed.last!.state, Self.endTime)
      if defect > accuracy { return ["resumed after step \(position), the run ends with error \(defect)"] }
    }
    return []
  }

  func independence(_ integrator: some Integrator) throws -> [String] {
    let alone = try trace(integrator.makeState(for: problem(), restart: nil), to: Self.endTime)
    let one = try integrator.makeState(for: problem(), restart: nil)
    let two = try integrator.makeState(for: problem(from: Self.endTime, to: 0), restart: nil)
    for expected in alone {
      try one.advance(to: Self.endTime)
      if two.time != 0 { try two.advance(to: 0) }
      if Sample(one) != expected { return ["two integrations at once disturb each other"] }
    }
    return []
  }
}
