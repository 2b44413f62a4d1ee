import CStepperKernels
import ODECore

/// `sqrt(1/N sum_i (err_i / (atol + rtol max(|y0_i|, |y1_i|)))^2)`.
///
/// Source: Hairer, Norsett, Wanner, *Solving ODEs I*, II.4 (4.11).
public struct WRMSNorm: ErrorNorm, FusedErrorNorm {
  public init() {}
  var kernel: ErrorKernel { cstepper_error_wrms }
}

/// `max_i |err_i| / (atol + rtol max(|y0_i|, |y1_i|))`.
public struct MaxNorm: ErrorNorm, FusedErrorNorm {
  public init() {}
  var kernel: ErrorKernel { cstepper_error_max }
}

/// `|err|_2 / (atol sqrt(N) + rtol max(|y0|_2, |y1|_2))`: the error relative to the whole state.
///
/// Components much smaller than the state's typical size are not resolved to `rtol` of their own.
public struct StateNorm: ErrorNorm, FusedErrorNorm {
  public init() {}
  var kernel: ErrorKernel { cstepper_error_state }
}

/// `(y0, y1, f1, h, e, k, count, atol, rtol, n)`.
typealias ErrorKernel = (
  UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, Double, UnsafePointer<Double>,
  UnsafePointer<UnsafePointer<Double>?>, Int, Double, Double, Int
) -> cstepper_error

/// A norm that is computed straight from the stages, without storing the error.
protocol FusedErrorNorm: ErrorNorm {
  var kernel: ErrorKernel { get }
}

extension FusedErrorNorm {
  public func norm(
    of error: Span<Double>, from y0: Span<Double>, to y1: Span<Double>, rtol: Double, atol: Double
  ) -> Double {
    precondition(error.count == y0.count && y0.count == y1.count)
    guard error.count > 0 else { return 0 }
    return error.withUnsafeBufferPointer { err in
      y0.withUnsafeBufferPointer { a in
        y1.withUnsafeBufferPointer { b in
          var one = 1.0
          var stage = err.baseAddress
          let n = err.count
          let result = kernel(
            a.baseAddress!, b.baseAddress!, err.baseAddress!, 1, &one, &stage, 1, atol, rtol, n)
          return result.finite ? result.norm : .nan
        }
      }
    }
  }
}
