import ODECore

/// A system's `f` on state vectors, with a count of its calls.
package final class RightHandSide {
  package let system: any ODESystem
  package let count: Int
  /// At an address of its own: a property's exclusive access would be checked at every call.
  private let calls: UnsafeMutablePointer<Int>
  package var nfev: Int { calls.pointee }

  package init(_ system: any ODESystem) {
    self.system = system
    count = system.dimension
    calls = .allocate(capacity: 1)
    calls.initialize(to: 0)
  }

  deinit { calls.deallocate() }

  /// Writes `f(t, y)` to `dy`.
  package func evaluate(_ t: Double, _ y: StateVector, into dy: StateVector) throws {
    try evaluate(t, y.pointer, into: dy.pointer)
  }

  /// The same, with the addresses of ``count`` elements.
  func evaluate(_ t: Double, _ y: UnsafePointer<Double>, into dy: UnsafeMutablePointer<Double>) throws {
    calls.pointee += 1
    let input = UnsafeBufferPointer(start: y, count: count)
    let output = UnsafeMutableBufferPointer(start: dy, count: count)
    var span = output.mutableSpan
    try system.derivative(t, input.span, into: &span)
  }

  /// Calls `body`, whose evaluations do not count: a run that is gone on with has counted them.
  package func uncounted(_ body: () throws -> Void) rethrows {
    let counted = calls.pointee
    defer { calls.pointee = counted }
    try body()
  }

  /// Writes `f` at the start; it must be finite.
  ///
  /// - Parameter restart: with one it is what the run that is gone on with had at hand, and has counted.
  package func start(
    _ t: Double, _ y: StateVector, into dy: StateVector, _ method: String, _ restart: Restart?
  ) throws {
    try evaluate(t, y, into: dy)
    if restart != nil { calls.pointee -= 1 }
    guard let bad = dy.firstNonFinite else { return }
    throw IntegrationFailure(
      .nonFinite, "\(method): element \(bad) of f is \(dy.pointer[bad]) at the start, t = \(t)")
  }
}
