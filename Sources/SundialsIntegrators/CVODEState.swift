import CSundials
import ODECore

/// An integration by CVODE: ``CVODEAdams`` and ``CVODEBDF`` make it.
///
/// Two vectors take turns: CVODE works in one (as its `yout`, without a copy) while the other keeps the
/// last accepted state, so that a failed attempt leaves it as it was.
///
/// Statistics: `accepted` is CVODE's nst (but for steps below the resolution of `t`, which are not counted,
/// and a limit within rounding of `t`, which is); `rejected` is netf + ncfn, step attempts given up by the error
/// test or after a failed nonlinear solve; `ncfn` counts the latter (CVODE's "step solve failures");
/// `nfev` is nfe + nfeLS, and one more if the first step's scale had to be found; `njev` is nje + npe.
public final class CVODEState: IntegratorState {
  let solver: CVODESolver
  let problem: ODEProblem
  let settings: CVODESettings
  private let restartStep: Double?

  public private(set) var time: Double
  public private(set) var previousTime: Double

  private var current: StateVector
  private var spare: StateVector
  /// Steps that moved `time`.
  private(set) var accepted = 0
  private var report = csundials_report()
  private var limit: Double?
  private var firstTarget: Double?
  private var nextStep = 0.0
  private var lastStep = 0.0
  /// Evaluations of `f` made here, not by CVODE.
  var ownEvaluations = 0

  init(_ problem: ODEProblem, _ settings: CVODESettings, _ restart: Restart?) throws {
    try settings.validate(dimension: problem.system.dimension)
    self.problem = problem
    self.settings = settings
    restartStep = restart.flatMap { $0.stepSize.isFinite && $0.stepSize != 0 ? $0.stepSize : nil }
    time = problem.initialTime
    previousTime = problem.initialTime
    current = StateVector(problem.initialState)
    spare = StateVector(count: problem.initialState.count)
    solver = try CVODESolver(problem, settings, current)
  }

  public var restart: Restart { Restart(stepSize: nextStep) }
  /// How Newton's systems are solved.
  public var choice: String? {
    let system = (problem.system as? SensitivitySystem)?.base ?? problem.system
    return settings.linearSolver(for: system).map { "\(settings.integrator): \($0.words(for: system))" }
  }

  public var remarks: [SolutionRemark] {
    guard case .fixedPoint = settings.nonlinear else { return [] }
    let failures = Int(solver.counters.ncfn)
    // Where accuracy holds the step a few in a thousand fail.
    guard accepted >= 100, 10 * failures > accepted else { return [] }
    return [
      SolutionRemark(
        name: "heldByStability",
        text:
          "stability, not accuracy, held the step: the fixed-point iteration failed \(100 * failures / accepted) times in 100 steps. The problem is stiff, or f jumps, and auto or an implicit method (radau, cvode-bdf) gets farther with an evaluation"
      )
    ]
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    try current.withSpan(body)
  }

  /// - Throws: `IntegrationFailure`; or, once and as it is, the error of the system's own functions.
  public func advance(to limit: Double) throws {
    precondition(
      (limit - time) * problem.direction > 0, "the limit \(limit) does not lie ahead of t = \(time)")
    try setLimit(limit)
    let target = try firstTarget ?? prepareFirstStep(limit)
    firstTarget = target

    // Steps below the resolution of t: CVODE takes them for ever, t does not move.
    for _ in 0..<20 {
      try takeStep(target)
      if time != previousTime { return }
    }
    throw CVODEFlag.stalled(failureContext)
  }

  /// One new step of CVODE.
  private func takeStep(_ target: Double) throws {
    let accepted = report.steps
    solver.bridge.stepSize = nextStep
    while true {
      let flag = solver.step(towards: target, into: spare, &report)
      if flag.isFailure {
        // `spare` is CVODE's debris, and dense output is left at `time` only.
        previousTime = time
        if let error = solver.bridge.takeError() { throw error }
        throw failure(flag)
      }
      // A limit within rounding of t_n is reached without a step.
      if flag == .tstopReturn || report.steps > accepted {
        return adopt(report.steps == accepted ? limit! : report.time)
      }
    }
  }

  private func adopt(_ t: Double) {
    swap(&current, &spare)
    if t != time { accepted += 1 }
    previousTime = time
    time = t
    // CVODE reports a next step only when it returned t_n itself, and a step cut short by the limit says
    // little about the next: the larger of the last two then does.
    let last = report.last_step
    nextStep =
      t == limit || report.returned_time != report.time
      ? (abs(last) >= abs(lastStep) ? last : lastStep) : report.next_step
    lastStep = last
  }

  private func setLimit(_ newLimit: Double) throws {
    let flag = solver.setStopTime(newLimit)
    if flag.isFailure { throw failure(flag) }
    limit = newLimit
  }

  private func failure(_ flag: CVODEFlag) -> IntegrationFailure { flag.failure(failureContext) }

  private var failureContext: CVODEFlag.Context {
    CVODEFlag.Context(
      integrator: settings.integrator, time: time, stepSize: report.next_step,
      order: Int(report.order), accepted: accepted, steps: solver.counters.nst,
      nonFinite: solver.nonFinite, words: solver.bridge.lastMessage,
      singularity: solver.bridge.lastSingularity)
  }

  public func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    // Exactly the accepted states at both ends, whatever the polynomial's rounding there.
    if t == time { return copy(current, to: &y) }
    if t == previousTime { return copy(spare, to: &y) }
    precondition(
      min(previousTime, time) <= t && t <= max(previousTime, time),
      "dense output at t = \(t) is outside the last step, \(previousTime) to \(time)")
    let flag = y.withUnsafeMutableBufferPointer { solver.interpolate(at: t, into: $0.baseAddress!) }
    precondition(!flag.isFailure, "CVodeGetDky at t = \(t): \(flag.name)")
  }

  private func copy(_ source: StateVector, to y: inout MutableSpan<Double>) {
    for i in 0..<source.count { y[i] = source.pointer[i] }
  }

  /// Calls `body` with the initial or last accepted state and its scratch partner.
  func withScratch<R>(_ body: (StateVector, StateVector) throws -> R) rethrows -> R {
    try body(current, spare)
  }

  func setFirstStep(_ h: Double) throws {
    let flag = solver.setInitialStep(problem.direction * h)
    if flag.isFailure { throw failure(flag) }
  }

  var restartStepSize: Double? { restartStep.map(abs) }
}
