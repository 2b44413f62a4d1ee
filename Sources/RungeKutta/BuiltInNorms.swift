import CStepperKernels
import ODECore

/// `sqrt(1/N sum_i (err_i / (atol + rtol max(|y0_i|, |y1_i|)))^2)`.
///
/// Source: Hairer, Norsett, Wanner, *Solving ODEs I*, II.4 (4.11).
public struct WRMSNorm: ErrorNorm, FusedErrorNorm {
  /// The norm has no parameters.
  public init() {}
  var kernel: ErrorKernel { cstepper_error_wrms }
  func value(_ sums: cstepper_sums, _ count: Int, rtol: Double, atol: Double) -> Double {
    (sums.error / Double(max(count, 1))).squareRoot()
  }
}

/// `max_i |err_i| / (atol + rtol max(|y0_i|, |y1_i|))`.
public struct MaxNorm: ErrorNorm, FusedErrorNorm {
  /// The norm has no parameters.
  public init() {}
  var kernel: ErrorKernel { cstepper_error_max }
  func join(_ total: inout cstepper_sums, _ part: cstepper_sums) {
    total.error = max(total.error, part.error)
    total.finite = total.finite && part.finite
  }
  func value(_ sums: cstepper_sums, _ count: Int, rtol: Double, atol: Double) -> Double { sums.error }
}

/// `|err|_2 / (atol sqrt(N) + rtol max(|y0|_2, |y1|_2))`: the error relative to the whole state.
///
/// Components much smaller than the state's typical size are not resolved to `rtol` of their own.
public struct StateNorm: ErrorNorm, FusedErrorNorm {
  /// The norm has no parameters.
  public init() {}
  var kernel: ErrorKernel { cstepper_error_state }
  func value(_ sums: cstepper_sums, _ count: Int, rtol: Double, atol: Double) -> Double {
    let scale = atol * Double(count).squareRoot() + rtol * max(sums.y0, sums.y1).squareRoot()
    return sums.error.squareRoot() / max(scale, .leastNormalMagnitude)
  }
}

/// `(y0, y1, f1, h, e, k, count, atol, rtol, from, to)`.
typealias ErrorKernel =
  @convention(c) (
    UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, Double, UnsafePointer<Double>,
    UnsafePointer<UnsafePointer<Double>?>, Int, Double, Double, Int, Int
  ) -> cstepper_sums

/// A norm that is computed straight from the stages, without storing the error.
protocol FusedErrorNorm: ErrorNorm {
  /// The sums over a part of the state.
  var kernel: ErrorKernel { get }
  /// Adds a part's sums to those of the parts before it.
  func join(_ total: inout cstepper_sums, _ part: cstepper_sums)
  /// The norm, from the sums over all `count` elements.
  func value(_ sums: cstepper_sums, _ count: Int, rtol: Double, atol: Double) -> Double
}

extension FusedErrorNorm {
  func join(_ total: inout cstepper_sums, _ part: cstepper_sums) {
    total.error += part.error
    total.y0 += part.y0
    total.y1 += part.y1
    total.finite = total.finite && part.finite
  }

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
          let result = VectorKernels(count: err.count, threads: 1).sums(
            self, a.baseAddress!, b.baseAddress!, err.baseAddress!, 1, &one, &stage, 1, rtol: rtol,
            atol: atol)
          return result.finite ? value(result, err.count, rtol: rtol, atol: atol) : .nan
        }
      }
    }
  }
}
