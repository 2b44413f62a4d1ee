import ODECore

/// An integration by a one-step method: the state, the one before, and the last step.
///
/// ``restart`` holds the next step size and what the method remembers; a resumed run has the same bits as one that was never
/// stopped.
public final class SteppingState<Method: SteppingMethod>: IntegratorState {
  /// What makes the steps.
  public let method: Method
  private let direction: Double
  private var y: StateVector
  /// The state before the last step; the next one is built in it.
  private var other: StateVector
  public var time: Double { now }
  // Not public, so that the compiler sees all that changes it, and need not check at every access.
  private var now: Double
  private var last: LastStep

  /// - Parameter make: makes the method from the state at the start and a vector of the same length to work in.
  public init(
    _ problem: ODEProblem, _ make: (_ y: StateVector, _ work: StateVector) throws -> Method
  ) rethrows {
    let start = StateVector(problem.initialState)
    let work = StateVector(count: start.count)
    method = try make(start, work)
    (y, other) = (start, work)
    direction = problem.direction
    now = problem.initialTime
    last = LastStep(at: problem.initialTime)
  }

  public var previousTime: Double { last.start }
  public var choice: String? { method.choice }
  public var remarks: [SolutionRemark] { method.remarks }
  public var statistics: Statistics { method.statistics }
  public var evaluations: Int { method.evaluations }
  public var restart: Restart {
    Restart(stepSize: direction * method.nextStep, errorHistory: method.errorHistory)
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    unowned(unsafe) let y = y
    return try y.withSpan(body)
  }

  public func advance(to limit: Double) throws {
    precondition((limit - now) * direction > 0, "the limit \(limit) does not lie ahead of \(now)")
    // Until a step is accepted there is nothing to interpolate: the old stages go now.
    last.forget()
    method.begin()
    // A failure must leave the derivative at `time` where the next call looks for it.
    var accepted = false
    defer { if !accepted { method.abandon() } }
    // Counting references takes as long as a stage of a small system.
    unowned(unsafe) let before = y
    let step = try method.step(from: now, before, limit: limit, into: &other)
    swap(&y, &other)
    now = step.end
    last.accept(step)
    accepted = true
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    try last.interpolate(at: t, from: other, to: y, into: &result) {
      try method.interpolate($0, last.h, other, y, into: $1)
    }
  }
}
