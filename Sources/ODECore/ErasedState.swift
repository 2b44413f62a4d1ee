/// An ``IntegratorState`` of any method, for an integrator that picks the method by the problem.
/// A state that tells its own ``IntegratorState/choice``, or names the method in its ``Restart``, is taken at its word.
///
/// Events are located by the driver, on the dense output, even if the method could locate them itself.
public final class ErasedState: RestDetectingState {
  private let state: any IntegratorState
  private let method: String
  private let reason: String

  /// - Parameters:
  ///   - method: the name of the integrator picked; a ``Restart`` remembers it.
  ///   - reason: why it was picked.
  public init(_ state: any IntegratorState, method: String, reason: String) {
    self.state = state
    self.method = method
    self.reason = reason
  }

  public var remarks: [SolutionRemark] { state.remarks }
  public var choice: String? { state.choice ?? "\(method): \(reason)" }

  public var time: Double { state.time }
  public var previousTime: Double { state.previousTime }
  public var statistics: Statistics { state.statistics }
  public var restart: Restart {
    var restart = state.restart
    restart.method = restart.method ?? method
    return restart
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    try state.withState(body)
  }
  public func isAtRest(tolerance: Double) throws -> Bool {
    try (state as? any RestDetectingState)?.isAtRest(tolerance: tolerance) ?? false
  }
  public func advance(to limit: Double) throws { try state.advance(to: limit) }
  public func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    try state.interpolate(at: t, into: &y)
  }
}
