import ODECore

/// The last accepted step and its dense output.
package struct LastStep {
  /// `t_{n-1}` and `t_n`; the same before the first step and after a failed one.
  package private(set) var start: Double
  package private(set) var end: Double
  package private(set) var h = 0.0

  package init(at t: Double) { (start, end) = (t, t) }

  /// There is nothing left to interpolate.
  package mutating func forget() { start = end }

  package mutating func accept(_ step: StepTarget) { (start, end, h) = (end, step.end, step.h) }

  /// Writes the state at `t` to `result`: `y0`, `y1` at the ends, inside what `polynomial` writes for
  /// `theta = (t - start)/h`.
  package func interpolate(
    at t: Double, from y0: StateVector, to y1: StateVector, into result: inout MutableSpan<Double>,
    polynomial: (_ theta: Double, UnsafeMutablePointer<Double>) throws -> Void
  ) rethrows {
    precondition((t - start) * (t - end) <= 0, "t = \(t) is outside [\(start), \(end)]")
    try result.withUnsafeMutableBufferPointer { buffer in
      precondition(buffer.count == y1.count, "\(buffer.count) elements for a state of \(y1.count)")
      guard let base = buffer.baseAddress else { return }
      if t == end {
        base.update(from: y1.pointer, count: y1.count)
      } else if t == start {
        base.update(from: y0.pointer, count: y0.count)
      } else {
        try polynomial((t - start) / h, base)
      }
    }
  }
}
