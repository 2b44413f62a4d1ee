/// Limits and hooks of one integration; but for ``maxStep`` and ``initialStep`` none of them changes a step that is taken.
public struct IntegrationOptions {
  /// The run ends with ``ReturnCode/maxSteps`` after this many accepted steps.
  public var maxSteps = 100_000_000
  /// Whether the states at the saved times are kept in the ``Solution``. Long runs of large systems
  /// use observers instead.
  public var keepsStates = true
  /// Whether the run ends, with ``ReturnCode/stationary``, where a system that is ``RestDetecting`` says that
  /// nothing moves any more. It is asked at the start, after every ``restInterval`` accepted steps and after a step
  /// of as many evaluations.
  public var stopsAtRest = true
  /// What may still change, relative, where a system is said to be at rest.
  public var restTolerance = 1e-8
  /// Set it, from any thread or signal handler, to end the run after the current step.
  public var cancellation: Cancellation?
  /// Called every ``progressInterval`` while the run goes on.
  public var progress: ((IntegrationProgress) -> Void)?
  /// At least so much wall-clock time lies between two calls of ``progress``.
  public var progressInterval = Duration.milliseconds(200)
  /// Called before an error of the system's own functions or of an observer leaves the integration: what there was up
  /// to the last accepted step, with ``ReturnCode/failed`` and without what observers say at the end.
  public var salvage: ((Solution) -> Void)?
  /// Goes on from there instead of from the problem's start: requested times, step counts and
  /// statistics continue those of the earlier run of the same problem, and observers go on from what they
  /// remembered. The checkpoint's time is not saved again.
  public var resume: Checkpoint?
  /// Called at the end of a step, at most every ``checkpointInterval``, and when the run is cancelled.
  public var checkpoint: ((Checkpoint) throws -> Void)?
  /// At least so much wall-clock time lies between two calls of ``checkpoint``, but for that of a cancelled run.
  public var checkpointInterval = Duration.seconds(10)

  /// Accepted steps between two looks at whether the system is at rest.
  public static let restInterval = 50

  /// No step is longer, whatever the method.
  public var maxStep = Double.infinity
  /// The first step is no longer, whatever the method; `nil`: as the method chooses.
  public var initialStep: Double?

  /// Components that are kept from falling below zero, from 0, beside those that the system declares (``PositivityDeclaring``). Where the exact solution
  /// does not stay at zero or above this changes it.
  public var positive: [Int] = []

  /// The relative change of one of the problem's invariants from which on a solution has a remark.
  public var invariantTolerance = Double.infinity

  /// No limits but the default number of steps.
  public init() {}
}

/// How far a run is.
public struct IntegrationProgress: Sendable {
  /// `t` at the end of the last accepted step.
  public let time: Double
  /// ``ODEProblem/finalTime``; may be infinite.
  public let finalTime: Double
  /// The counts so far, those before a resumption included; without the seconds.
  public let statistics: Statistics
}
