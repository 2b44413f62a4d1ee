import CKinkFlow
import GradientFlow
import ODECore

/// A flow integrated along its kinks: what evolves.
///
/// Statistics: `nfev` counts evaluations of the residuals `e` along the neurons' motion, ``KinkAware/stages`` in
/// each iteration for the path (`nni`); from the moments of the modes, so none of them looks at all neurons.
/// `nsetups` and `njev` count decompositions of the rate matrix, `netf` rejections by the error test, `ncfn`
/// iterations that did not contract. ``kinks`` counts what happened at the kinks.
///
/// ``restart`` holds, in `errorHistory`, what the state does not tell (modes, order of the neurons, moments, the
/// last path, `alpha = kappa' a`), some `2 m` numbers, and a run resumed with it goes on bit by bit. With an empty
/// `errorHistory` the modes are found from the state: neurons within 1e-14 of a kink are put on it or to the side
/// to which they leave; the run then goes on as accurately, not with the same bits.
public final class KinkAwareState: IntegratorState {
  public private(set) var time: Double
  public private(set) var previousTime: Double

  private let flow: KinkFlow
  private let stages: Int
  private let rtol: Double
  private let y: StateVector

  init(_ settings: KinkAware, _ problem: ODEProblem, _ restart: Restart?) throws {
    func refuse(_ reason: String) -> IntegrationFailure {
      IntegrationFailure(.initialFailure, "kink-aware: \(reason)")
    }
    guard settings.rtol > 0, settings.rtol < 1 else {
      throw refuse("rtol is \(settings.rtol); it must be between 0 and 1")
    }
    guard KinkAware.stageRange.contains(settings.stages) else {
      throw refuse("stages is \(settings.stages); it must be in \(KinkAware.stageRange)")
    }
    if let reason = KinkAware.canIntegrate(problem.system) { throw refuse(reason) }
    guard problem.direction > 0 else {
      throw refuse(
        "the flow cannot be integrated backwards, from t = \(problem.initialTime) to \(problem.finalTime): where neurons have come together on a kink the past is not unique"
      )
    }
    time = problem.initialTime
    previousTime = problem.initialTime
    stages = settings.stages
    rtol = settings.rtol
    y = StateVector(problem.initialState)
    flow = try KinkFlow(settings, problem.system as! TwoLayerFlow, time, y, restart)
  }

  public var statistics: Statistics {
    let c = flow.counters
    var s = Statistics()
    s.nfev = c.iterations * stages
    s.nni = c.iterations
    s.accepted = c.accepted
    s.rejected = c.rejected
    s.netf = c.error_test
    s.ncfn = c.iteration
    s.nsetups = c.set_ups
    s.njev = c.set_ups
    s.lastOrder = 2 * stages - 1
    s.lastStepSize = flow.lastStep
    return s
  }

  /// What has happened at the kinks.
  public var kinks: KinkEvents { KinkEvents(flow.counters) }

  public var restart: Restart { Restart(stepSize: flow.nextStep, errorHistory: flow.memory) }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition(limit > time, "the limit \(limit) does not lie ahead of \(time)")
    // The step's own motion is all that dense output knows; a failure leaves its start.
    previousTime = time
    let status = flow.advance(to: limit, y)
    if status != CKINK_OK { throw failure(status) }
    time = flow.time
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    precondition(t >= previousTime && t <= time, "t = \(t) is outside [\(previousTime), \(time)]")
    let (from, to) = (previousTime, time)
    try result.withUnsafeMutableBufferPointer { buffer in
      precondition(buffer.count == y.count, "\(buffer.count) elements for a state of \(y.count)")
      if t == to {
        buffer.baseAddress!.update(from: y.pointer, count: y.count)
      } else {
        let status = flow.interpolate(at: (t - from) / (to - from), buffer.baseAddress!)
        if status != CKINK_OK { throw failure(status) }
      }
    }
  }

  private func failure(_ status: ckink_status) -> IntegrationFailure {
    let place = "kink-aware: at t = \(time), loss \(flow.loss),"
    switch status {
    case CKINK_UNDERFLOW:
      return IntegrationFailure(
        .stepSizeUnderflow,
        "\(place) no step that still changes t meets rtol = \(rtol); loosen it, or look for events that accumulate there"
      )
    case CKINK_NOT_FINITE:
      return IntegrationFailure(
        .nonFinite, "\(place) the residuals become NaN or infinite however short the step")
    case CKINK_AT_REST:
      return IntegrationFailure(
        .stationary,
        "\(place) the flow has come to rest: nothing moves any more"
      )
    default:
      return KinkFlow.failure(status, place)
    }
  }
}

/// Counts of what neurons did at kinks, in accepted steps.
public struct KinkEvents: Equatable, Sendable {
  /// Went on through a kink.
  public let crossings: Int
  /// Were held by a kink, and slid along it from then on.
  public let captures: Int
  /// Were let go.
  public let releases: Int
  /// Sign changes of the output weight of a sliding neuron. From there the solution is not unique: no other
  /// program need agree after such an event.
  public let signChanges: Int
  /// Passages through `w = 0`, and stops there.
  public let throughZero: Int
  public let heldAtZero: Int
  /// Corners at which no side was consistent to rounding.
  public let unresolved: Int
  /// Neurons followed through a step with events, repetitions within a step included: the dearest part.
  public let traces: Int
  /// Modes met: sign patterns with sliding sets.
  public let modes: Int

  init(_ c: ckink_counters) {
    crossings = c.crossings
    captures = c.captures
    releases = c.releases
    signChanges = c.sign_changes
    throughZero = c.through_zero
    heldAtZero = c.held_at_zero
    unresolved = c.unresolved
    traces = c.traces
    modes = c.modes
  }
}
