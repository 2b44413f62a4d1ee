import Synchronization

/// Limits and hooks of one integration; none of them changes a step that is taken.
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
  /// Goes on from there instead of from the problem's start: requested times, step counts and
  /// statistics continue those of the earlier run of the same problem. Observers are started at the
  /// checkpoint's time, which is not saved again.
  public var resume: Checkpoint?
  /// Called at the end of a step, at most every ``checkpointInterval``, and when the run is cancelled.
  public var checkpoint: ((Checkpoint) throws -> Void)?
  /// At least so much wall-clock time lies between two calls of ``checkpoint``, but for that of a cancelled run.
  public var checkpointInterval = Duration.seconds(10)

  /// Accepted steps between two looks at whether the system is at rest.
  public static let restInterval = 50

  public init() {}
}

/// A flag that ends a run from outside.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  public init() {}
  /// Ends the run; may be called any number of times.
  public func cancel() { flag.store(true, ordering: .relaxed) }
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// How far a run is.
public struct IntegrationProgress: Sendable {
  /// `t` at the end of the last accepted step.
  public let time: Double
  /// ``ODEProblem/finalTime``; may be infinite.
  public let finalTime: Double
  /// The counts so far, without those before a resumption.
  public let statistics: Statistics
}

/// Enough to go on from the end of an accepted step.
public struct Checkpoint: Sendable {
  /// `t` at the end of an accepted step.
  public let time: Double
  /// `y` there, ``ODESystem/dimension`` elements.
  public let state: [Double]
  /// What the method remembers there.
  public let restart: Restart
  /// The counts from the very start of the run.
  public let statistics: Statistics

  public init(time: Double, state: [Double], restart: Restart, statistics: Statistics) {
    self.time = time
    self.state = state
    self.restart = restart
    self.statistics = statistics
  }
}
