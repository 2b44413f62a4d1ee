import Synchronization

/// Limits and hooks of one integration; none of them changes a step that is taken.
public struct IntegrationOptions {
  /// The run ends with ``ReturnCode/maxSteps`` after this many accepted steps.
  public var maxSteps = 100_000_000
  /// Whether the states at the saved times are kept in the ``Solution``. Long runs of large systems
  /// use observers instead.
  public var keepsStates = true
  /// Set it, from any thread or signal handler, to end the run after the current step.
  public var cancellation: Cancellation?
  /// Called every ``progressInterval`` while the run goes on.
  public var progress: ((Progress) -> Void)?
  public var progressInterval = Duration.milliseconds(200)
  /// From ``Solution/restart`` or a ``Checkpoint`` of an earlier run, to go on with its step size.
  public var restart: Restart?
  /// Called at the end of a step, at most every ``checkpointInterval``.
  public var checkpoint: ((Checkpoint) throws -> Void)?
  public var checkpointInterval = Duration.seconds(10)

  public init() {}
}

/// A flag that ends a run from outside.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  public init() {}
  public func cancel() { flag.store(true, ordering: .relaxed) }
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}

/// How far a run is.
public struct Progress: Sendable {
  public let time: Double
  public let finalTime: Double
  public let statistics: Statistics
}

/// Enough to go on from the end of an accepted step.
public struct Checkpoint: Sendable {
  public let time: Double
  public let state: [Double]
  public let restart: Restart
  public let statistics: Statistics
}
