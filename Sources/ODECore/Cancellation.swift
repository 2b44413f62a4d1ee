import Synchronization

/// A flag that ends a run from outside.
public final class Cancellation: Sendable {
  private let flag = Atomic<Bool>(false)

  /// Nothing is cancelled yet.
  public init() {}
  /// Ends the run; may be called any number of times.
  public func cancel() { flag.store(true, ordering: .relaxed) }
  /// Whether ``cancel()`` was called.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) }
}
