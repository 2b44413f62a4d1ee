/// Dense output of third order for a method that has none: the cubic polynomial through both ends of a step
/// with the slopes `f` there (Hairer, Norsett, Wanner, *Solving Ordinary Differential Equations I*, II.6,
/// doi:10.1007/978-3-540-78862-1). The slopes are evaluated only if they are asked for.
///
/// ``IntegratorState/advance(to:)`` calls ``begin(_:)`` before a step and ``accept()`` after it.
public final class HermiteStep {
  private let start: StateVector
  private let end: StateVector
  private let startSlope: StateVector
  private let endSlope: StateVector
  private var hasSlopes = false
  /// Whether a step was completed since ``begin(_:)``.
  private var isComplete = false

  /// For states of `count` unknowns.
  public init(count: Int) {
    start = StateVector(count: count)
    end = StateVector(count: count)
    startSlope = StateVector(count: count)
    endSlope = StateVector(count: count)
  }

  /// Remembers the state at the beginning of a step.
  public func begin(_ y: UnsafePointer<Double>) {
    start.pointer.update(from: y, count: start.count)
    (hasSlopes, isComplete) = (false, false)
  }

  /// The step was completed.
  public func accept() { isComplete = true }

  /// Writes the polynomial at `t` to `result`; where no step was completed, the state at the beginning.
  ///
  /// - Parameters:
  ///   - t0: where the step began.
  ///   - t1: where it ended.
  ///   - y: the state there.
  ///   - derivative: writes `f(t, y)`; called twice for each step at most.
  /// - Throws: what `derivative` throws.
  public func interpolate(
    at t: Double, _ t0: Double, _ t1: Double, _ y: UnsafePointer<Double>,
    into result: inout MutableSpan<Double>,
    derivative: (Double, Span<Double>, inout MutableSpan<Double>) throws -> Void
  ) throws {
    guard isComplete, t != t0 else {
      for i in 0..<start.count { result[i] = start.pointer[i] }
      return
    }
    if !hasSlopes {
      end.pointer.update(from: y, count: end.count)
      try start.withSpan { y in try startSlope.withMutableSpan { try derivative(t0, y, &$0) } }
      try end.withSpan { y in try endSlope.withMutableSpan { try derivative(t1, y, &$0) } }
      hasSlopes = true
    }
    let h = t1 - t0
    let s = (t - t0) / h
    let (a, b) = (s * (1 - s) * (1 - s) * h, s * s * (s - 1) * h)
    let weight = s * s * (3 - 2 * s)
    for i in 0..<start.count {
      let y0 = start.pointer[i]
      result[i] =
        y0 + weight * (end.pointer[i] - y0) + a * startSlope.pointer[i] + b * endSlope.pointer[i]
    }
  }
}
