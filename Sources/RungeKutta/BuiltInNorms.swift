import CStepperKernels
import ODECore

/// `sqrt(1/N sum_i (err_i / (atol + rtol max(|y0_i|, |y1_i|)))^2)`.
///
/// Source: Hairer, Norsett, Wanner, *Solving ODEs I*, II.4 (4.11).
public struct WRMSNorm: FusedErrorNorm {
  /// The norm has no parameters.
  public init() {}
  var fused: FusedNorm { .wrms }
}

/// `max_i |err_i| / (atol + rtol max(|y0_i|, |y1_i|))`.
public struct MaxNorm: FusedErrorNorm {
  /// The norm has no parameters.
  public init() {}
  var fused: FusedNorm { .max }
}

/// `|err|_2 / (atol sqrt(N) + rtol max(|y0|_2, |y1|_2))`: the error relative to the whole state.
///
/// Components much smaller than the state's typical size are not resolved to `rtol` of their own.
public struct StateNorm: FusedErrorNorm {
  /// The norm has no parameters.
  public init() {}
  var fused: FusedNorm { .state }
}

/// A norm that is computed straight from the stages, without storing the error.
protocol FusedErrorNorm: ErrorNorm {
  var fused: FusedNorm { get }
}

/// `(y0, y1, f1, h, e, k, count, atol, rtol, from, to)`.
typealias ErrorKernel =
  @convention(c) (
    UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>, Double, UnsafePointer<Double>,
    UnsafePointer<UnsafePointer<Double>?>, Int, Double, Double, Int, Int
  ) -> cstepper_sums

/// What a ``FusedErrorNorm`` computes: no existential, which would be copied at every step of a small system.
enum FusedNorm {
  case wrms, max, state

  /// The sums over a part of the state.
  var kernel: ErrorKernel {
    switch self {
    case .wrms: cstepper_error_wrms
    case .max: cstepper_error_max
    case .state: cstepper_error_state
    }
  }

  /// Adds a part's sums to those of the parts before it.
  func join(_ total: inout cstepper_sums, _ part: cstepper_sums) {
    total.finite = total.finite && part.finite
    if self == .max {
      total.error = Swift.max(total.error, part.error)
      return
    }
    total.error += part.error
    total.y0 += part.y0
    total.y1 += part.y1
  }

  /// The norm, from the sums over all `count` elements.
  func value(_ sums: cstepper_sums, _ count: Int, rtol: Double, atol: Double) -> Double {
    switch self {
    case .wrms: return (sums.error / Double(Swift.max(count, 1))).squareRoot()
    case .max: return sums.error
    case .state:
      let scale = atol * Double(count).squareRoot() + rtol * Swift.max(sums.y0, sums.y1).squareRoot()
      return sums.error.squareRoot() / Swift.max(scale, .leastNormalMagnitude)
    }
  }
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
          let result = VectorKernels(count: err.count, threads: 1).sums(
            fused, a.baseAddress!, b.baseAddress!, err.baseAddress!, 1, &one, &stage, 1, rtol: rtol,
            atol: atol)
          return result.finite ? fused.value(result, err.count, rtol: rtol, atol: atol) : .nan
        }
      }
    }
  }
}
