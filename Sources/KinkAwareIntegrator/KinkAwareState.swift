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
public final class KinkAwareState: RestDetectingState {
  public private(set) var time: Double
  public private(set) var previousTime: Double

  private let flow: KinkFlow
  private let stages: Int
  private let rtol: Double
  private let y: StateVector
  /// Whether `y` is the state at ``time``: it is written when asked for.
  private var isWritten = true

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
    if let reason = settings.refusal(of: problem) { throw refuse(reason) }
    time = problem.initialTime
    previousTime = problem.initialTime
    stages = settings.stages
    rtol = settings.rtol
    y = StateVector(problem.initialState)
    let system = problem.system as! TwoLayerFlow
    flow = try KinkFlow(settings, system, time)
    do {
      try start(system, restart)
    } catch let error as StepFailure {
      throw Self.failure(error, "kink-aware: at the start, t = \(time),", rtol)
    }
  }

  private func start(_ system: TwoLayerFlow, _ restart: Restart?) throws {
    if let restart, !(restart.stepSize > 0 && restart.stepSize.isFinite) {
      throw IntegrationFailure(
        .initialFailure, "kink-aware: the step to resume with is \(restart.stepSize); it must be positive")
    }
    if let restart, !restart.errorHistory.isEmpty {
      try flow.resume(y.pointer, step: restart.stepSize, restart.errorHistory)
    } else {
      let outputs = y.withSpan { system.forward($0).predictions }
      try flow.start(y.pointer, outputs: outputs, step: restart?.stepSize)
    }
  }

  public var statistics: Statistics {
    let c = flow.control
    var s = Statistics()
    s.nfev = flow.solver.iterations * stages
    s.nni = flow.solver.iterations
    s.accepted = c.accepted
    s.rejected = c.rejected
    s.netf = c.errorTest
    s.ncfn = c.iteration
    s.nsetups = flow.rates.decompositions
    s.njev = flow.rates.decompositions
    s.lastOrder = 2 * stages - 1
    s.lastStepSize = time - previousTime
    return s
  }

  /// What has happened at the kinks.
  public var kinks: KinkEvents {
    KinkEvents(flow.events, traces: flow.tracer.followed, modes: flow.modes.made)
  }

  /// How many neurons met `w = 0`, and how often a kink began to repel a neuron that slid on it.
  public var remarks: [SolutionRemark] { flow.ambiguities.remarks }

  public var restart: Restart { Restart(stepSize: flow.control.next, errorHistory: flow.memory) }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    writeState()
    return try y.withSpan(body)
  }

  private func writeState() {
    if isWritten { return }
    flow.writeState(y.pointer)
    isWritten = true
  }

  public func advance(to limit: Double) throws {
    precondition(limit > time, "the limit \(limit) does not lie ahead of \(time)")
    writeState()
    // The step's own motion is all that dense output knows; a failure leaves its start.
    previousTime = time
    do {
      try flow.advance(to: limit)
    } catch {
      throw Self.failure(error, "kink-aware: at t = \(time), loss \(flow.now.risk),", rtol)
    }
    isWritten = false
    time = flow.time
  }

  /// Whether the flow is on a plateau of the risk, sliding neurons included: what is left of its motion is below
  /// `tolerance`. Costs the rate matrix, and a pass over the neurons where it is nearly so.
  public func isAtRest(tolerance: Double) -> Bool { flow.isOnPlateau(tolerance: tolerance) }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    precondition(t >= previousTime && t <= time, "t = \(t) is outside [\(previousTime), \(time)]")
    if t == time { writeState() }
    result.withUnsafeMutableBufferPointer { buffer in
      precondition(buffer.count == y.count, "\(buffer.count) elements for a state of \(y.count)")
      if t == time {
        buffer.baseAddress!.update(from: y.pointer, count: y.count)
      } else {
        flow.interpolate((t - previousTime) / (time - previousTime), buffer.baseAddress!)
      }
    }
  }

  private static func failure(_ failure: StepFailure, _ place: String, _ rtol: Double) -> IntegrationFailure {
    switch failure {
    case .underflow:
      IntegrationFailure(
        .stepSizeUnderflow,
        "\(place) no step that still changes t meets rtol = \(rtol); loosen it, or look for events that accumulate there"
      )
    case .noContraction, .seriesTooLong, .notFinite:
      IntegrationFailure(
        .nonFinite, "\(place) the residuals become NaN or infinite however short the step")
    case .atRest:
      IntegrationFailure(.stationary, "\(place) the flow has come to rest: nothing moves any more")
    case .badMemory:
      IntegrationFailure(
        .initialFailure,
        "\(place) the restart does not belong to this network, these data or this number of stages")
    case .dependentKinks:
      IntegrationFailure(
        .convergenceFailure,
        "\(place) kinks that hold one neuron are linearly dependent to rounding: two inputs are nearly parallel; merge them or use 'dormand-prince'"
      )
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
  /// Neurons that `w = 0` holds, where no way out carries itself.
  public let heldAtZero: Int
  /// Corners at which no side was consistent to rounding.
  public let unresolved: Int
  /// Neurons followed through a step with events, repetitions within a step included: the dearest part.
  public let traces: Int
  /// Modes met: sign patterns with sliding sets.
  public let modes: Int

  init(_ c: EventCounts, traces: Int, modes: Int) {
    crossings = c.crossings
    captures = c.captures
    releases = c.releases
    signChanges = c.signChanges
    throughZero = c.throughZero
    heldAtZero = c.heldAtZero
    unresolved = c.unresolved
    self.traces = traces
    self.modes = modes
  }
}
