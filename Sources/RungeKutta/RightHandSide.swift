import ODECore

/// A system's `f` on state vectors, with a count of its calls.
package final class RightHandSide {
  package let system: any ODESystem
  package let count: Int
  package private(set) var nfev = 0

  package init(_ system: any ODESystem) {
    self.system = system
    count = system.dimension
  }

  /// Writes `f(t, y)` to `dy`.
  package func evaluate(_ t: Double, _ y: StateVector, into dy: StateVector) throws {
    nfev += 1
    let input = UnsafeBufferPointer(start: UnsafePointer(y.pointer), count: count)
    let output = UnsafeMutableBufferPointer(start: dy.pointer, count: count)
    var span = output.mutableSpan
    try system.derivative(t, input.span, into: &span)
  }

  /// Writes `f` at the start; it must be finite.
  ///
  /// - Parameter restart: with one it is what the run that is gone on with had at hand, and has counted.
  package func start(
    _ t: Double, _ y: StateVector, into dy: StateVector, _ method: String, _ restart: Restart?
  ) throws {
    try evaluate(t, y, into: dy)
    if restart != nil { nfev -= 1 }
    guard let bad = dy.firstNonFinite else { return }
    throw IntegrationFailure(
      .nonFinite, "\(method): element \(bad) of f is \(dy.pointer[bad]) at the start, t = \(t)")
  }
}
