import ODECore

/// Dense output of third order for a method that has none: the cubic polynomial through both ends of a step
/// with the slopes `f` there (Hairer, Norsett, Wanner, *Solving Ordinary Differential Equations I*, II.6).
/// The slopes are evaluated only if they are asked for.
final class HermiteStep {
  private let start: StateVector
  private let end: StateVector
  private let startSlope: StateVector
  private let endSlope: StateVector
  private var hasSlopes = false
  /// Whether a step was completed since ``begin(_:)``.
  private var isComplete = false

  init(count: Int) {
    start = StateVector(count: count)
    end = StateVector(count: count)
    startSlope = StateVector(count: count)
    endSlope = StateVector(count: count)
  }

  /// Remembers the state at the beginning of a step.
  func begin(_ y: UnsafePointer<Double>) {
    start.pointer.update(from: y, count: start.count)
    (hasSlopes, isComplete) = (false, false)
  }

  func accept() { isComplete = true }

  /// - Throws: what `f` throws.
  func interpolate(
    at t: Double, _ t0: Double, _ t1: Double, _ y: UnsafePointer<Double>, _ problem: RuntimeProblem,
    into result: inout MutableSpan<Double>
  ) throws {
    guard isComplete, t != t0 else {
      for i in 0..<start.count { result[i] = start.pointer[i] }
      return
    }
    if !hasSlopes {
      end.pointer.update(from: y, count: end.count)
      try problem.derivative(t0, start, into: startSlope)
      try problem.derivative(t1, end, into: endSlope)
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
