import CStepperKernels
import ODECore

/// The norm of the local error `h sum_j e_j k_j`, by one fused pass for a built-in ``ErrorNorm``.
package struct ErrorMeasure {
  private let control: StepControl
  private let vectors: VectorKernels
  private let fused: (any FusedErrorNorm)?

  package init(_ control: StepControl, _ vectors: VectorKernels) {
    self.control = control
    self.vectors = vectors
    fused = vectors.count > 0 && control.atols == nil ? control.norm as? any FusedErrorNorm : nil
  }

  /// Whether ``callAsFunction`` needs a vector to write the error to.
  package var needsVector: Bool { fused == nil }

  /// The error of the step from `y0` to `y1`, with `f1` the derivative at its end; infinite if any of them
  /// or of the error is not finite.
  func callAsFunction(
    _ y0: StateVector, _ y1: StateVector, _ f1: StateVector, _ h: Double,
    _ e: UnsafePointer<Double>, _ k: VectorKernels.Table, _ terms: Int, work: StateVector?
  ) throws -> Double {
    let (rtol, atol) = (control.rtol, control.atol)
    if let fused {
      let sums = vectors.sums(
        fused, y0.pointer, y1.pointer, f1.pointer, h, e, k, terms, rtol: rtol, atol: atol)
      return sums.finite ? fused.value(sums, vectors.count, rtol: rtol, atol: atol) : .infinity
    }
    guard let work else { preconditionFailure("this norm needs a vector") }
    guard vectors.combine(work.pointer, nil, h, e, k, terms), vectors.isFinite(y1), vectors.isFinite(f1)
    else { return .infinity }
    let error = try unfused(work, y0, y1)
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
      return try self(y0, y1, x, 1, &one, &stage, 1, work: nil)
    }
    return try unfused(x, y0, y1)
  }

  private func unfused(_ x: StateVector, _ y0: StateVector, _ y1: StateVector) throws -> Double {
    if let atols = control.atols { return weighted(x, y0, y1, atols) }
    return try x.withSpan { x in
      try y0.withSpan { y0 in
        try y1.withSpan {
          try control.norm.norm(of: x, from: y0, to: $0, rtol: control.rtol, atol: control.atol)
        }
      }
    }
  }

  /// The norms wrms and max with tolerances by component.
  private func weighted(_ x: StateVector, _ y0: StateVector, _ y1: StateVector, _ atols: [Double]) -> Double {
    var (sum, largest) = (0.0, 0.0)
    for i in 0..<x.count {
      let e = x.pointer[i]
      let part = e == 0 ? 0 : e / (atols[i] + control.rtol * max(abs(y0.pointer[i]), abs(y1.pointer[i])))
      sum += part * part
      largest = max(largest, abs(part))
    }
    return control.norm is MaxNorm && sum.isFinite ? largest : (sum / Double(max(x.count, 1))).squareRoot()
  }
}
