/// The solution at one time, as an ``Observer`` sees it. Valid only during the call that hands it over.
public final class Moment {
  /// What is integrated: its system, its components' names, its invariants.
  public let problem: ODEProblem
  /// `t`.
  public private(set) var time: Double
  /// Where the step began that ended here; ``time`` outside ``Observer/step(_:)``.
  public private(set) var previousTime: Double
  /// The counts of the run so far, without those before a resumption.
  public private(set) var statistics = Statistics()
  /// How the run ended, in ``Observer/finish(_:)``; else `nil`.
  public private(set) var returnCode: ReturnCode?
  /// Kept by whoever knows the system's kind, for what it makes of the state; see ``stamp``.
  public var attachment: AnyObject?
  /// The whole state of a motion of which this shows the positions, ``ODEProblem/moved(by:rest:)``; `nil` for other problems.
  public let motion: Moment?
  /// Another number for each state shown: what was computed from one with the same stamp is still right.
  public private(set) var stamp = 0

  private var state = UnsafeBufferPointer<Double>(start: nil, count: 0)
  private var integrator: (any IntegratorState)?
  private var reduction: (any CoordinateReduction)?

  /// A moment to be shown again and again by `show`: what an observer's author needs to test an observer
  /// without an integration.
  ///
  /// - Parameter motion: the moment of the whole motion, if `problem` is that of its positions.
  public init(_ problem: ODEProblem, of motion: Moment? = nil) {
    self.problem = problem
    self.motion = motion
    time = problem.initialTime
    previousTime = problem.initialTime
  }

  /// Calls `body` with the state `y` at `t`.
  ///
  /// - Parameters:
  ///   - y: ``ODESystem/dimension`` elements; another length traps.
  ///   - previousTime: where the step began that ended here; `nil` if no step did.
  public func show<R>(
    _ t: Double, _ y: Span<Double>, previousTime: Double? = nil, returnCode: ReturnCode? = nil,
    _ body: (Moment) throws -> R
  ) rethrows -> R {
    precondition(y.count == problem.system.dimension)
    return try y.withUnsafeBufferPointer {
      (time, self.previousTime, self.returnCode) = (t, previousTime ?? t, returnCode)
      state = $0
      stamp += 1
      return try body(self)
    }
  }

  /// What the driver knows besides of the step that ended here.
  func setStep(
    _ integrator: (any IntegratorState)?, _ statistics: Statistics, _ reduction: (any CoordinateReduction)?
  ) {
    (self.integrator, self.statistics, self.reduction) = (integrator, statistics, reduction)
  }

  /// `N`.
  public var count: Int { state.count }

  /// `y_i`, `i` from 0.
  public subscript(_ i: Int) -> Double {
    precondition(i >= 0 && i < state.count)
    return state[i]
  }

  /// Reads `y`.
  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try body(state.span) }

  /// Writes the dense output at `t`, a time in the step that ended here, to `y`; in ``Observer/step(_:)`` only.
  public func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    guard let integrator else { preconditionFailure("there is a dense output in step(_:) only") }
    guard reduction != nil || motion != nil else { return try integrator.interpolate(at: t, into: &y) }
    let integrated = StateVector(count: integrator.withState { $0.count })
    try integrated.withMutableSpan { try integrator.interpolate(at: t, into: &$0) }
    guard let reduction else {
      for i in 0..<count { y[i] = integrated.pointer[i] }
      return
    }
    let lifted = StateVector(count: count)
    let positions = motion?.problem.watched.system.dimension ?? integrated.count
    integrated.withSpan { reduction.lift($0.extracting(0..<positions), into: lifted) }
    for i in 0..<count { y[i] = lifted.pointer[i] }
  }
}
