import CStepperKernels
import ODECore

/// The norm of the local error `h sum_j e_j k_j`, by one fused pass for a built-in ``ErrorNorm``.
///
/// A class, since a step that reads it from a property must not copy tolerances and controllers.
package final class ErrorMeasure {
  private let control: StepControl
  private let vectors: VectorKernels
  private let fused: FusedNorm?
  private let (rtol, atol): (Double, Double)

  package init(_ control: StepControl, _ vectors: VectorKernels) {
    self.control = control
    self.vectors = vectors
    (rtol, atol) = (control.rtol, control.atol)
    fused = vectors.count > 0 && control.atols == nil ? (control.norm as? any FusedErrorNorm)?.fused : nil
  }

  /// Whether ``callAsFunction`` needs a vector to write the error to.
  package var needsVector: Bool { fused == nil }

  /// The error of the step from `y0` to `y1`, with `f1` the derivative at its end; infinite if any of them
  /// or of the error is not finite.
  func callAsFunction(
    _ y0: UnsafePointer<Double>, _ y1: UnsafePointer<Double>, _ f1: UnsafePointer<Double>, _ h: Double,
    _ e: UnsafePointer<Double>, _ k: VectorKernels.Table, _ terms: Int, work: StateVector?
  ) throws -> Double {
    if let fused {
      let sums = vectors.sums(fused, y0, y1, f1, h, e, k, terms, rtol: rtol, atol: atol)
      return sums.finite ? fused.value(sums, vectors.count, rtol: rtol, atol: atol) : .infinity
    }
    guard let work else { preconditionFailure("this norm needs a vector") }
    guard vectors.combine(work.pointer, nil, h, e, k, terms), vectors.isFinite(y1), vectors.isFinite(f1)
    else { return .infinity }
    let error = try unfused(work.pointer, y0, y1)
    // A negative value would be accepted and then raised to a power.
    return error >= 0 ? error : .infinity
  }

  /// The norm of `x` as if it were the error of a step that stays at `y`; not finite if `x` is not.
  package func norm(_ x: StateVector, at y: StateVector) throws -> Double {
    try norm(x, y, y)
  }

  /// The norm of `x` as the error of a step from `y0` to `y1`; not finite if `x` or `y1` is not.
  package func norm(_ x: StateVector, _ y0: StateVector, _ y1: StateVector) throws -> Double {
    guard needsVector else {
      var (one, stage) = (1.0, Optional(UnsafePointer(x.pointer)))
      return try self(y0.pointer, y1.pointer, x.pointer, 1, &one, &stage, 1, work: nil)
    }
    return try unfused(x.pointer, y0.pointer, y1.pointer)
  }

  private func unfused(
    _ x: UnsafePointer<Double>, _ y0: UnsafePointer<Double>, _ y1: UnsafePointer<Double>
  ) throws -> Double {
    if let atols = control.atols { return weighted(x, y0, y1, atols) }
    func span(_ vector: UnsafePointer<Double>) -> UnsafeBufferPointer<Double> {
      UnsafeBufferPointer(start: vector, count: vectors.count)
    }
    return try control.norm.norm(
      of: span(x).span, from: span(y0).span, to: span(y1).span, rtol: rtol, atol: atol)
  }

  /// The norms wrms and max with tolerances by component.
  private func weighted(
    _ x: UnsafePointer<Double>, _ y0: UnsafePointer<Double>, _ y1: UnsafePointer<Double>, _ atols: [Double]
  ) -> Double {
    var (sum, largest) = (0.0, 0.0)
    for i in 0..<vectors.count {
      let e = x[i]
      let part = e == 0 ? 0 : e / (atols[i] + rtol * max(abs(y0[i]), abs(y1[i])))
      sum += part * part
      largest = max(largest, abs(part))
    }
    return control.norm is MaxNorm && sum.isFinite
      ? largest : (sum / Double(max(vectors.count, 1))).squareRoot()
  }
}
