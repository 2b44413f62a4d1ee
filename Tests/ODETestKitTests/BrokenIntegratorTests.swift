import ODECore
import ODETestKit
import Testing

/// What can be wrong with an integrator.
enum Flaw: CaseIterable {
  case none, overshoots, wrongOrderOfMagnitude, miscountsCalls, miscountsSteps, forgetsPreviousTime
  case losesErrors, wrapsErrors, retriesErrors, spoilsStateOnError
  case acceptsNaN, denseJumps, denseDisturbs, forwardOnly, forgetsRestart, sharesState
}

/// Heun's method, second order, written as an outsider would, with one deliberate flaw.
struct FlawedHeun: Integrator {
  struct Wrapped: Error {}
  final class Shared { var nudge = 0.0 }

  let name = "flawed-heun"
  let flaw: Flaw
  let shared = Shared()

  func makeState(for problem: ODEProblem, restart: Restart?) throws -> State {
    State(problem, flaw, shared, flaw == .forgetsRestart ? nil : restart)
  }

  final class State: IntegratorState {
    var time: Double
    var previousTime: Double
    var statistics = Statistics()
    var restart: Restart { Restart(stepSize: h * direction) }
    private let system: any ODESystem
    private let flaw: Flaw
    private let shared: Shared
    private let direction: Double
    /// Grows a little each step, so that a restart has something to remember.
    private var h: Double
    private let y: StateVector
    private let old: StateVector

    init(_ problem: ODEProblem, _ flaw: Flaw, _ shared: Shared, _ restart: Restart?) {
      (time, previousTime, system) = (problem.initialTime, problem.initialTime, problem.system)
      (self.flaw, self.shared) = (flaw, shared)
      direction = flaw == .forwardOnly ? 1 : problem.direction
      h = restart.map { abs($0.stepSize) } ?? 0.001
      y = StateVector(problem.initialState)
      old = StateVector(problem.initialState)
    }

    func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

    private func f(_ t: Double, _ y: StateVector) throws -> StateVector {
      statistics.nfev += flaw == .miscountsCalls ? 2 : 1
      let dy = StateVector(count: y.count)
      func call() throws {
        try y.withSpan { y in try dy.withMutableSpan { try system.derivative(t, y, into: &$0) } }
      }
      do { try call() } catch {
        switch flaw {
        case .losesErrors: break
        case .wrapsErrors: throw Wrapped()
        case .retriesErrors: try call()
        case .spoilsStateOnError:
          self.y.pointer[0] += 1
          throw error
        default: throw error
        }
      }
      return dy
    }

    func advance(to limit: Double) throws {
      let lands = abs(limit - time) <= h
      let end =
        lands
        ? (flaw == .overshoots ? limit + direction * 1e-9 : limit)
        : time + direction * (h + (flaw == .sharesState ? shared.nudge : 0))
      let step = end - time
      let k1 = try f(time, y)
      let middle = StateVector(y.array)
      for i in 0..<y.count { middle.pointer[i] += step * k1.pointer[i] }
      let k2 = try f(end, middle)
      let next = StateVector(y.array)
      let scale = flaw == .wrongOrderOfMagnitude ? 0.9 : 1
      for i in 0..<y.count { next.pointer[i] += scale * step / 2 * (k1.pointer[i] + k2.pointer[i]) }
      if flaw != .acceptsNaN, let bad = next.firstNonFinite {
        throw IntegrationFailure(.nonFinite, "element \(bad) at t = \(end)")
      }
      old.pointer.update(from: y.pointer, count: y.count)
      y.pointer.update(from: next.pointer, count: y.count)
      if flaw != .forgetsPreviousTime { previousTime = time }
      time = end
      statistics.accepted += flaw == .miscountsSteps ? 2 : 1
      (statistics.lastStepSize, statistics.lastOrder) = (step, 2)
      h = min(h * 1.01, 0.01)
      shared.nudge = 1e-5 - shared.nudge
    }

    func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
      let theta = (t - previousTime) / (time - previousTime)
      for i in 0..<y.count {
        result[i] =
          old.pointer[i] + theta * (y.pointer[i] - old.pointer[i])
          + (flaw == .denseJumps && theta > 0.5 ? 1e-6 : 0)
      }
      if flaw == .denseDisturbs { h *= 0.999 }
    }
  }
}

@Suite("The conformance suite")
struct BrokenIntegratorTests {
  private func violations(_ flaw: Flaw) -> [String] {
    IntegratorConformance().violations(of: FlawedHeun(flaw: flaw))
  }

  @Test("has nothing to say against a sound outsider's integrator") func sound() {
    #expect(violations(.none) == [])
  }

  // Each flaw with the check that must notice it.
  @Test(
    "names each flaw of a broken one",
    arguments: [
      (Flaw.overshoots, "lands on the limit"), (.wrongOrderOfMagnitude, "accuracy"),
      (.miscountsCalls, "statistics: nfev"), (.miscountsSteps, "statistics: accepted"),
      (.forgetsPreviousTime, "lands on the limit: previousTime"), (.losesErrors, "errors of the system"),
      (.wrapsErrors, "errors of the system: an error thrown"), (.retriesErrors, "errors of the system"),
      (.spoilsStateOnError, "errors of the system: after an error"), (.acceptsNaN, "NaN and infinity"),
      (.denseJumps, "interpolation: at"), (.denseDisturbs, "interpolation changes nothing"),
      (.denseDisturbs, "observers change nothing"), (.forwardOnly, "backward integration"),
      (.forgetsRestart, "restart"), (.sharesState, "integrator is a value"),
    ])
  func flaws(_ flaw: Flaw, _ complaint: String) {
    let found = violations(flaw)
    #expect(found.contains { $0.hasPrefix(complaint) }, "\(flaw): \(found)")
  }
}
