import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("The driver")
struct DriverTests {
  private struct Stop: Error, Equatable {}

  @Test("calls observers in the documented order")
  func callOrder() throws {
    let observer = RecordingObserver()
    let events = [Event("quarter") { _, y in y[0] - 0.25 }]
    _ = try integrate(
      clock(to: 1, events: events), with: Euler(step: .value(0.5)), observers: [observer],
      saving: .linear(spacing: 0.25))
    #expect(
      observer.calls == [
        .start(0), .save(0),
        .step(index: 1, from: 0, to: 0.5), .event("quarter", 0.25), .save(0.25), .save(0.5),
        .step(index: 2, from: 0.5, to: 1), .save(0.75), .save(1),
        .finish(1, .success),
      ])
    #expect(observer.states.map { $0[0] } == observer.calls.map(\.time))
    #expect(observer.orderViolations(direction: 1) == [])
  }

  @Test("cuts a step at a terminal event")
  func cutStep() throws {
    let observer = RecordingObserver()
    let events = [Event("end", isTerminal: true) { _, y in y[0] - 0.625 }]
    _ = try integrate(
      clock(to: 1, events: events), with: Euler(step: .value(0.5)), observers: [observer], saving: .everyStep)
    #expect(
      observer.calls == [
        .start(0), .save(0), .step(index: 1, from: 0, to: 0.5), .save(0.5),
        .step(index: 2, from: 0.5, to: 0.625), .event("end", 0.625), .save(0.625),
        .finish(0.625, .stopped),
      ])
  }

  @Test("passes every call to every observer, in their order")
  func composite() throws {
    final class Numbered: Observer {
      let number: Int
      let log: (Int) -> Void
      init(_ number: Int, _ log: @escaping (Int) -> Void) { (self.number, self.log) = (number, log) }
      let watchesSteps = true
      func step(_ moment: Moment) { log(number) }
    }
    var heard: [Int] = []
    let observers = [1, 2, 3].map { Numbered($0) { heard.append($0) } }
    _ = try integrate(clock(to: 1), with: Euler(step: .value(0.5)), observers: observers)
    #expect(heard == [1, 2, 3, 1, 2, 3])
  }

  @Test("hands back what an observer throws")
  func observerThrows() throws {
    final class Thrower: Observer {
      let watchesSteps = true
      func step(_ moment: Moment) throws { if moment.statistics.accepted == 2 { throw Stop() } }
    }
    #expect(throws: Stop()) {
      try integrate(clock(to: 1), with: Euler(step: .value(0.25)), observers: [Thrower()])
    }
  }

  @Test("ends after the step in which it is cancelled, and the run can go on as if it had not been")
  func cancellation() throws {
    final class Canceller: Observer {
      let flag = Cancellation()
      let watchesSteps = true
      func step(_ moment: Moment) { if moment.statistics.accepted == 3 { flag.cancel() } }
    }
    let method = DormandPrince(rtol: 1e-8)
    let whole = try integrate(oscillator(to: 9), with: method)
    let canceller = Canceller()
    let record = RecordingObserver()
    var options = IntegrationOptions()
    options.cancellation = canceller.flag
    let first = try integrate(
      oscillator(to: 9), with: method, observers: [canceller, record], options: options)
    #expect(first.returnCode == .interrupted)
    #expect(first.statistics.accepted == 3)
    #expect(record.calls.last == .finish(first.time, .interrupted))
    #expect(record.saveTimes == [0, first.time])

    var resume = IntegrationOptions()
    resume.resume = first.checkpoint
    let continued = RecordingObserver()
    let second = try integrate(
      oscillator(to: 9), with: method, observers: [continued], options: resume)
    #expect(second.state == whole.state)
    #expect(second.statistics.accepted == whole.statistics.accepted)
    // The checkpoint's time was saved by the first part.
    #expect(continued.saveTimes == [9])
  }

  @Test("ends at the step limit and says so")
  func maxSteps() throws {
    var options = IntegrationOptions()
    options.maxSteps = 5
    let solution = try integrate(clock(to: 10), with: Euler(step: .value(0.5)), options: options)
    #expect(solution.returnCode == .maxSteps)
    #expect(solution.time == 2.5 && solution.state == [2.5] && solution.savedTimes == [0, 2.5])
    #expect(solution.message.contains("5 steps"))
    // A limit that just suffices is none.
    let enough = try integrate(clock(to: 2.5), with: Euler(step: .value(0.5)), options: options)
    #expect(enough.returnCode == .success)
  }

  @Test("reports progress after each step if the interval is zero, and not within a long one")
  func progress() throws {
    var times: [Double] = []
    var options = IntegrationOptions()
    options.progress = {
      times.append($0.time)
      #expect($0.finalTime == 1)
      #expect($0.statistics.accepted == times.count)
    }
    options.progressInterval = .zero
    _ = try integrate(clock(to: 1), with: Euler(step: .value(0.25)), options: options)
    #expect(times == [0.25, 0.5, 0.75, 1])
    options.progressInterval = .seconds(1000)
    _ = try integrate(clock(to: 1), with: Euler(step: .value(0.25)), options: options)
    #expect(times.count == 4)
  }

  @Test("gives checkpoints from any of which the run goes on with the same bits")
  func checkpoints() throws {
    var checkpoints: [Checkpoint] = []
    var options = IntegrationOptions()
    options.checkpoint = { checkpoints.append($0) }
    options.checkpointInterval = .zero
    let method = DormandPrince(rtol: 1e-6)
    let whole = try integrate(oscillator(to: 9), with: method, options: options)
    // One after every step but the last.
    #expect(checkpoints.count == whole.statistics.accepted - 1)
    for checkpoint in checkpoints {
      var resume = IntegrationOptions()
      resume.resume = checkpoint
      let rest = try integrate(oscillator(to: 9), with: method, options: resume)
      #expect(rest.state == whole.state)
    }
  }

  @Test("keeps no states if told so, and observers see them all the same")
  func keepsNoStates() throws {
    var options = IntegrationOptions()
    options.keepsStates = false
    let observer = RecordingObserver()
    let solution = try integrate(
      clock(to: 1), with: Euler(step: .value(0.5)), observers: [observer], saving: .everyStep,
      options: options)
    #expect(solution.savedTimes.isEmpty && solution.savedStates.isEmpty)
    #expect(observer.saveTimes == [0, 0.5, 1])
    #expect(solution.state == [1])
  }

  @Test("turns a method that cannot start into a return code, with start and finish called")
  func cannotStart() throws {
    let observer = RecordingObserver()
    let solution = try integrate(clock(to: 1), with: Euler(step: .value(-1)), observers: [observer])
    #expect(solution.returnCode == .initialFailure)
    #expect(observer.calls == [.start(0), .save(0), .finish(0, .initialFailure)])
  }

  @Test("keeps the state reached before a failure")
  func failure() throws {
    // y' = y^2, y(0) = 1 has y = 1/(1 - t): it ends at t = 1.
    let problem = try ODEProblem(
      ClosureSystem(dimension: 1) { _, y, dy in dy[0] = y[0] * y[0] }, to: 2, initialState: [1])
    let solution = try integrate(problem, with: DormandPrince(rtol: 1e-8))
    #expect([.stepSizeUnderflow, .nonFinite].contains(solution.returnCode))
    #expect(abs(solution.time - 1) < 1e-6)
    #expect(solution.state[0].isFinite && solution.savedTimes.last == solution.time)
  }

  @Test("refuses problems that cannot be posed")
  func unposable() {
    let system = ClosureSystem(dimension: 2) { _, _, _ in }
    #expect(throws: ODEProblemError.wrongStateLength(expected: 2, got: 1)) {
      try ODEProblem(system, to: 1, initialState: [1])
    }
    #expect(throws: ODEProblemError.unusableTimes(from: 1, to: 1)) {
      try ODEProblem(system, from: 1, to: 1, initialState: [1, 1])
    }
    #expect(throws: ODEProblemError.nonFiniteState(index: 1, value: .infinity)) {
      try ODEProblem(system, to: 1, initialState: [1, .infinity])
    }
  }
}
