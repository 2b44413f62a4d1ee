import CStepperKernels
import ODECore

/// The norm of the local error `h sum_j e_j k_j`, by one fused pass for a built-in ``ErrorNorm``.
struct ErrorMeasure {
  private let control: StepControl
  private let kernel: ErrorKernel?
  private let count: Int

  init(_ control: StepControl, count: Int) {
    self.control = control
    self.count = count
    kernel = count > 0 ? (control.norm as? any FusedErrorNorm)?.kernel : nil
  }

  /// Whether ``callAsFunction`` needs a vector to write the error to.
  var needsVector: Bool { kernel == nil }

  /// The error of the step from `y0` to `y1`, with `f1` the derivative at its end; infinite if any of them
  /// or of the error is not finite.
  func callAsFunction(
    _ y0: StateVector, _ y1: StateVector, _ f1: StateVector, _ h: Double,
    _ e: UnsafePointer<Double>, _ k: UnsafePointer<UnsafePointer<Double>?>, _ terms: Int,
    work: StateVector?
  ) throws -> Double {
    let (rtol, atol) = (control.rtol, control.atol)
    if let kernel {
      let result = kernel(y0.pointer, y1.pointer, f1.pointer, h, e, k, terms, atol, rtol, count)
      return result.finite ? result.norm : .infinity
    }
    guard let work else { preconditionFailure("this norm needs a vector") }
    guard cstepper_combine(work.pointer, nil, h, e, k, terms, count),
      cstepper_is_finite(y1.pointer, count), cstepper_is_finite(f1.pointer, count)
    else { return .infinity }
    let error = try work.withSpan { err in
      try y0.withSpan { y0 in
        try y1.withSpan { try control.norm.norm(of: err, from: y0, to: $0, rtol: rtol, atol: atol) }
      }
    }
    // A negative value would be accepted and then raised to a power.
    return error >= 0 ? error : .infinity
  }
}
