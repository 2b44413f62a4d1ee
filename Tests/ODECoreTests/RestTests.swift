import ODECore
import ODETestKit
import RungeKutta
import Testing

/// `y' = -y`, at rest once `|y|` is below the tolerance; counts how often it is asked.
private final class Relaxation: RestDetecting {
  let dimension = 1
  private(set) var asked = 0
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) { dy[0] = -y[0] }
  func isAtRest(_ t: Double, _ y: Span<Double>, tolerance: Double) -> Bool {
    asked += 1
    return abs(y[0]) <= tolerance
  }
}

@Suite("A run of a system that comes to rest")
struct RestTests {
  private func run(
    from y: Double = 1, to end: Double = .infinity, _ change: (inout IntegrationOptions) -> Void = { _ in }
  ) throws -> (Solution, Relaxation, RecordingObserver) {
    let (system, observer) = (Relaxation(), RecordingObserver())
    var options = IntegrationOptions()
    change(&options)
    let solution = try integrate(
      ODEProblem(system, to: end, initialState: [y]), with: Euler(step: .value(0.125)), observers: [observer],
      saving: .linear(spacing: 1), options: options)
    return (solution, system, observer)
  }

  @Test("ends there, by a name of its own, with its last state saved") func ends() throws {
    let (solution, system, observer) = try run()
    #expect(solution.returnCode == .stationary)
    #expect(solution.returnCode.isSuccess)
    // 0.875^k <= 1e-8 from k = 138 on; the next step that is asked about is the 150th.
    #expect(solution.statistics.accepted == 150)
    #expect(system.asked == 4)
    #expect(solution.time == 150 * 0.125)
    #expect(observer.calls.last == .finish(18.75, .stationary))
    #expect(solution.savedTimes == (0...18).map(Double.init) + [18.75])
    #expect(solution.checkpoint != nil)
  }

  @Test("ends before the first step if it starts there") func start() throws {
    let (solution, _, observer) = try run(from: 1e-9)
    #expect(solution.returnCode == .stationary)
    #expect(observer.calls == [.start(0), .save(0), .finish(0, .stationary)])
  }

  @Test("goes on if that is wanted, and takes the same steps until then") func optOut() throws {
    let (free, system, _) = try run(to: 20) { $0.stopsAtRest = false }
    #expect(free.returnCode == .success && system.asked == 0)
    let (ended, _, _) = try run(to: 20)
    #expect(ended.returnCode == .stationary)
    #expect(free.savedStates.prefix(19) == ended.savedStates.prefix(19))
    let (late, _, _) = try run { $0.restTolerance = 1e-16 }
    #expect(late.statistics.accepted == 300)  // 0.875^276 > 1e-16 > 0.875^277
  }

  @Test("ends at the same step after a resumption") func resumed() throws {
    let (first, _, _) = try run { $0.maxSteps = 77 }
    let (second, _, _) = try run { $0.resume = first.checkpoint }
    let (whole, _, _) = try run()
    #expect(second.returnCode == .stationary)
    #expect(second.state == whole.state && second.time == whole.time)
    #expect(second.statistics.accepted == whole.statistics.accepted)
  }

  @Test("A cancelled run stops between two of the million records of one step, and can be resumed before it")
  func cancelledWhileSaving() throws {
    final class Canceller: Observer {
      let cancellation = Cancellation()
      var saved: [Double] = []
      func record(_ moment: Moment) -> [Double] {
        saved.append(moment.time)
        if saved.count == 1000 { cancellation.cancel() }
        return []
      }
    }
    let observer = Canceller()
    var options = IntegrationOptions()
    options.cancellation = observer.cancellation
    var checkpoints = 0
    options.checkpoint = { _ in checkpoints += 1 }
    let solution = try integrate(
      clock(to: 2), with: Euler(step: .value(1)), observers: [observer], saving: .linear(spacing: 1e-6),
      options: options)
    #expect(solution.returnCode == .interrupted)
    #expect(observer.saved.count == 1000)
    #expect(solution.time == observer.saved.last)
    // y' = 1 from 0.
    #expect(abs(solution.state[0] - 999e-6) < 1e-12)
    #expect(solution.checkpoint == nil && checkpoints == 0, "a later one would miss what was not saved")
  }
}
