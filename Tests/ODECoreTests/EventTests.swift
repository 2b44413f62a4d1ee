import Foundation
import ODECore
import RungeKutta
import Testing

@Suite("Events")
struct EventTests {
  // cos t vanishes at pi/2 (falling), 3 pi/2 (rising) and 5 pi/2 (falling); the tolerance is a hundred
  // times that of the integration.
  @Test(
    "are located by direction",
    arguments: [
      (Event.Direction.falling, [0.5, 2.5]), (.rising, [1.5]), (.any, [0.5, 1.5, 2.5]),
    ])
  func directions(_ direction: Event.Direction, _ halfTurns: [Double]) throws {
    let problem = try oscillator(to: 9, events: [Event("cosine", direction: direction) { _, y in y[0] }])
    let solution = try integrate(problem, with: accurate())
    try #require(solution.crossings.count == halfTurns.count)
    for (crossing, turn) in zip(solution.crossings, halfTurns) {
      #expect(abs(crossing.time - turn * .pi) < 1e-9)
      #expect(crossing.isRising == (turn == 1.5))
      #expect(crossing.name == "cosine" && crossing.index == 0)
    }
  }

  @Test("have their direction in the direction of integration when time runs backwards")
  func backwards() throws {
    let problem = try oscillator(
      from: 6, to: 0, state: [cos(6), -sin(6)],
      events: [Event("cosine", direction: .falling) { _, y in y[0] }])
    let solution = try integrate(problem, with: accurate())
    // From cos 6 > 0 down through 3 pi/2; at pi/2 it rises again.
    try #require(solution.crossings.count == 1)
    #expect(abs(solution.crossings[0].time - 1.5 * .pi) < 1e-9)
    #expect(!solution.crossings[0].isRising)
  }

  @Test("end the run where they are terminal, and nothing beyond is shown")
  func terminal() throws {
    let events = [Event("cosine", isTerminal: true) { _, y in y[0] }]
    let solution = try integrate(
      oscillator(to: .infinity, events: events), with: accurate(), saving: .linear(spacing: 0.5))
    #expect(solution.returnCode == .stopped)
    #expect(abs(solution.time - .pi / 2) < 1e-9)
    #expect(solution.time == solution.crossings.last?.time)
    #expect(solution.savedTimes == [0, 0.5, 1, 1.5, solution.time])
    #expect(abs(solution.state[0]) < 1e-9 && abs(solution.state[1] + 1) < 1e-9)
    // The end lies inside a step: there is no step size to go on with.
    #expect(solution.checkpoint == nil)
  }

  @Test("that fall on the end of a step are seen once, at that very time")
  func exactZero() throws {
    let events = [Event("half") { _, y in y[0] - 0.5 }]
    let solution = try integrate(clock(to: 1, events: events), with: Euler(step: .value(0.25)))
    #expect(solution.crossings.map(\.time) == [0.5])
    #expect(solution.crossings.map(\.isRising) == [true])
    let stopping = [Event("half", isTerminal: true) { _, y in y[0] - 0.5 }]
    let stopped = try integrate(clock(to: 1, events: stopping), with: Euler(step: .value(0.25)))
    #expect(stopped.time == 0.5 && stopped.state == [0.5])
    #expect(stopped.checkpoint != nil)
  }

  @Test("are seen once where the function reaches zero and stays there")
  func restsOnZero() throws {
    let events = [Event("spent") { _, y in max(0, 0.5 - y[0]) }]
    let solution = try integrate(clock(to: 2, events: events), with: Euler(step: .value(0.25)))
    #expect(solution.crossings.map(\.time) == [0.5])
  }

  @Test("at the start are none")
  func startsOnZero() throws {
    let events = [Event("sine") { _, y in y[1] }]
    let solution = try integrate(oscillator(to: 4, events: events), with: accurate())
    try #require(solution.crossings.count == 1)
    #expect(abs(solution.crossings[0].time - .pi) < 1e-9)
  }

  @Test("within one step come by time, and stop at a terminal one with those at the same time")
  func manyInOneStep() throws {
    func event(_ name: String, at t: Double, stops: Bool = false) -> Event {
      Event(name, isTerminal: stops) { _, y in y[0] - t }
    }
    let free = [event("c", at: 0.75), event("a", at: 0.25), event("b", at: 0.5)]
    let one = try integrate(clock(to: 1, events: free), with: Euler(step: .value(1)))
    #expect(one.statistics.accepted == 1)
    #expect(one.crossings.map(\.name) == ["a", "b", "c"])
    #expect(one.crossings.map(\.time) == [0.25, 0.5, 0.75])

    let stopping = free[0...1] + [event("b", at: 0.5, stops: true), event("b2", at: 0.5)]
    let two = try integrate(clock(to: 1, events: Array(stopping)), with: Euler(step: .value(1)))
    #expect(two.crossings.map(\.name) == ["a", "b", "b2"])
    #expect(two.returnCode == .stopped && two.time == 0.5)
    #expect(two.message.contains("'b'"))
  }

  @Test("are located to the last bits within twenty evaluations, however curved the function")
  func costOfLocating() throws {
    // Roots at exp(t) = 3 and t^9 = 1/2; closed forms. One linear step, so t is y.
    let cases: [(Event, Double)] = [
      (Event("exponential", searchesInside: false) { _, y in exp(y[0]) - 3 }, log(3)),
      (Event("ninth power", searchesInside: false) { _, y in pow(y[0], 9) - 0.5 }, pow(0.5, 1 / 9.0)),
      (Event("steep", searchesInside: false) { _, y in tanh(1000 * (y[0] - 0.3)) }, 0.3),
    ]
    for (event, root) in cases {
      let solution = try integrate(clock(to: 2, events: [event]), with: Euler(step: .value(2)))
      try #require(solution.crossings.count == 1)
      #expect(abs(solution.crossings[0].time - root) < 4 * root.ulp, "\(event.name)")
      #expect(solution.statistics.nge <= 23, "\(event.name): \(solution.statistics.nge)")
    }
  }

  @Test("with a function that is NaN end the run with an error that names them")
  func notANumber() throws {
    let events = [Event("bad") { t, _ in t > 0.6 ? .nan : 1 }]
    #expect(throws: EventError(name: "bad", time: 0.75)) {
      try integrate(clock(to: 1, events: events), with: Euler(step: .value(0.25)))
    }
  }
}
