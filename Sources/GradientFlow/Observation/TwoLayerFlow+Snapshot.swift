extension TwoLayerFlow {
  /// Calls `body` with the snapshot of the state `y` at time `t`: what an observer's author needs to
  /// test an observer without an integration.
  ///
  /// ```swift
  /// try flow.withSnapshot(at: 0, of: start) { try observer.begin($0) }
  /// try flow.withSnapshot(at: 1, of: later) { try observer.step($0) }
  /// ```
  ///
  /// `y` has ``dimension`` elements, laid out as ``/Networks/NetworkShape`` says; another length traps.
  /// The snapshot is valid only inside `body`.
  public func withSnapshot<R>(
    at t: Double, of y: [Double], _ body: (FlowSnapshot) throws -> R
  ) rethrows -> R {
    try FlowSnapshot(flow: self).with(t, y.span, body)
  }
}
