import Foundation
import ODECore
import SundialsIntegrators
import Testing

@Suite("CVODE locates events")
struct EventTests {
  private func oscillate(_ events: [Event], to end: Double = 10, bdf: Bool = false) throws -> Solution {
    let problem = try ODEProblem(Oscillator(), to: end, initialState: [0, 1], events: events)
    return bdf
      ? try integrate(problem, with: CVODEBDF(rtol: 1e-9, atol: 1e-9))
      : try integrate(problem, with: CVODEAdams(rtol: 1e-9, atol: 1e-9))
  }

  @Test("Rising, falling and all zeros of sin t, but not the one at the start", arguments: [false, true])
  func directions(bdf: Bool) throws {
    let zero: (Double, Span<Double>) -> Double = { _, y in y[0] }
    let solution = try oscillate(
      [
        Event("any", zero), Event("rising", direction: .rising, zero),
        Event("falling", direction: .falling, zero),
      ],
      bdf: bdf)
    func times(_ name: String) -> [Double] { solution.crossings.filter { $0.name == name }.map(\.time) }
    // Times are as good as y, whose slope is 1 there.
    let expected = ["any": [1, 2, 3], "rising": [2], "falling": [1, 3.0]]
    for (name, multiples) in expected {
      let found = times(name)
      try #require(found.count == multiples.count)
      for (time, multiple) in zip(found, multiples) { #expect(abs(time - multiple * .pi) < 1e-6) }
    }
    #expect(solution.crossings.filter { $0.name == "any" }.map(\.isRising) == [false, true, false])
    #expect(solution.crossings.map(\.time) == solution.crossings.map(\.time).sorted())
  }

  @Test("Several events within one step come in order, and the step goes on to its end")
  func manyInOneStep() throws {
    // Listed from last to first; the final step of the clock is some thousand times as long as all of them.
    let levels = (1...9).map { 1000 + Double($0) }
    let events = levels.reversed().map { level in Event("\(level)") { _, y in y[0] - level } }
    let problem = try ODEProblem(Clock(), to: 100_000, initialState: [0], events: events)
    let steps = StepEnds()
    let solution = try integrate(problem, with: CVODEAdams(), observers: [steps])
    #expect(solution.crossings.map(\.name) == levels.map { "\($0)" })
    for (crossing, level) in zip(solution.crossings, levels) { #expect(abs(crossing.time - level) < 1e-7) }
    #expect(
      !steps.times.contains { levels[0] < $0 && $0 < levels[8] }, "all in one step, as the test means it")
    #expect(steps.times.count == solution.statistics.accepted)
  }

  private final class StepEnds: Observer {
    let watchesSteps = true
    var times: [Double] = []
    func step(_ moment: Moment) { times.append(moment.time) }
  }

  @Test("Events that coincide are all reported")
  func coincident() throws {
    let solution = try oscillate([
      Event("a", direction: .falling) { _, y in y[0] }, Event("b", direction: .rising) { _, y in -2 * y[0] },
    ])
    #expect(solution.crossings.map(\.name) == ["a", "b", "a", "b"])
  }

  @Test("A terminal event ends the run at itself; later events of its step are not shown")
  func terminal() throws {
    // A body thrown up with speed 1 under g = 1 is back at t = 2; steps of a parabola grow at once.
    let body = ClosureSystem(dimension: 2) { _, y, dy in
      dy[0] = y[1]
      dy[1] = -1
    }
    let events = [
      Event("after") { t, _ in t - 2.5 },
      Event("ground", direction: .falling, isTerminal: true) { _, y in y[0] },
      Event("top") { _, y in y[1] },
    ]
    let problem = try ODEProblem(body, to: 1000, initialState: [0, 1], events: events)
    let watcher = Watcher()
    let solution = try integrate(
      problem, with: CVODEAdams(), observers: [watcher], saving: .linear(spacing: 0.75))
    #expect(solution.returnCode == .stopped)
    #expect(solution.crossings.map(\.name) == ["top", "ground"])
    #expect(abs(solution.time - 2) < 1e-6)
    #expect(solution.time == solution.crossings.last?.time)
    #expect(abs(solution.state[0]) < 1e-9 && abs(solution.state[1] + 1) < 1e-6)
    #expect(watcher.last == solution.time)
    #expect(solution.savedTimes == [0, 0.75, 1.5, solution.time])
    #expect(abs(solution.savedStates[1][0] - (0.75 - 0.75 * 0.75 / 2)) < 1e-6)
  }

  private final class Watcher: Observer {
    var last = 0.0
    let watchesSteps = true
    func step(_ moment: Moment) { last = max(last, moment.time) }
    func event(_ crossing: EventCrossing, _ moment: Moment) { last = max(last, crossing.time) }
    func record(_ moment: Moment) -> [Double] {
      last = max(last, moment.time)
      return []
    }
  }

  @Test("An event exactly at the end of the interval is found, and the run still lands there")
  func atTheEnd() throws {
    let event = Event("end") { t, _ in t - 8 }
    let solution = try integrate(
      ODEProblem(Clock(), to: 8, initialState: [0], events: [event]), with: CVODEAdams())
    #expect(solution.returnCode == .success)
    #expect(solution.time == 8)
    #expect(solution.crossings.map(\.time) == [8])
  }

  @Test("Events do not change the steps taken")
  func eventsAreReadOnly() throws {
    let without = try oscillate([])
    let with = try oscillate([Event("zero") { _, y in y[0] }, Event("slope") { _, y in y[1] - 0.5 }])
    #expect(with.state == without.state)
    #expect(with.statistics.accepted == without.statistics.accepted)
    #expect(with.statistics.nfev == without.statistics.nfev)
  }

  /// An event function that rests at exactly zero from 1 to 2, in steps of at most 0.09.
  private func rest(_ g: @escaping (Double) -> Double) throws -> [(time: Double, isRising: Bool)] {
    let problem = try ODEProblem(Clock(), to: 3, initialState: [0], events: [Event("g") { t, _ in g(t) }])
    let solution = try integrate(problem, with: CVODEAdams(maxStep: 0.09))
    #expect(solution.returnCode == .success, "\(solution.message)")
    return solution.crossings.map { ($0.time, $0.isRising) }
  }

  @Test("An event that comes to rest at zero crosses once, and back only when it leaves backwards")
  func restingAtZero() throws {
    let ends = try rest { max(0, 1 - $0) }
    #expect(ends.map(\.isRising) == [false])
    #expect(abs(ends[0].time - 1) < 1e-12)

    let passes = try rest { $0 < 1 ? 1 - $0 : $0 < 2 ? 0 : 2 - $0 }
    #expect(passes.map(\.isRising) == [false])

    let returns = try rest { $0 < 1 ? 1 - $0 : $0 < 2 ? 0 : $0 - 2 }
    #expect(returns.map(\.isRising) == [false, true])
    #expect(abs(returns[1].time - 2) < 1e-12)
  }

  @Test("An event that starts at rest is none until it has left zero and come back")
  func startingAtZero() throws {
    #expect(try rest { max(0, $0 - 1) }.isEmpty)
    let back = try rest { $0 < 1 ? 0 : ($0 - 1) * (2 - $0) }
    #expect(back.map(\.isRising) == [false])
    #expect(abs(back[0].time - 2) < 1e-12)
  }

  @Test("A NaN event ends the run with its name")
  func nanEvent() throws {
    let event = Event("root of y") { _, y in (0.5 - y[0]).squareRoot() }
    let problem = try ODEProblem(Clock(), to: 8, initialState: [0], events: [event])
    let error = #expect(throws: EventError.self) {
      _ = try integrate(problem, with: CVODEAdams(maxStep: 0.1))
    }
    #expect(error?.name == "root of y")
    #expect(abs((error?.time ?? 0) - 0.5) < 0.11)
  }

  @Test("An event may be infinite on either side of its crossing")
  func infiniteEvent() throws {
    let event = Event("wall") { t, _ in t < 1 ? -.infinity : .infinity }
    let problem = try ODEProblem(Clock(), to: 8, initialState: [0], events: [event])
    let solution = try integrate(problem, with: CVODEAdams())
    #expect(solution.crossings.map(\.isRising) == [true])
    #expect(abs(solution.crossings[0].time - 1) < 1e-12)
  }
}
