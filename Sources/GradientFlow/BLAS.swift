import CFlowKernels
import Foundation

/// The process's OpenBLAS: set to one thread, and checked once.
///
/// OpenBLAS rounds differently with each number of threads, so the flow splits its neurons into fixed chunks
/// and lets one thread work on each. The setting holds for the whole process.
enum BLAS {
  /// - Throws: ``BLASError`` if products come out wrong.
  static func check() throws { try verdict.get() }

  private static let verdict: Result<Void, BLASError> = {
    cflow_blas_use_one_thread()
    let core = String(cString: cflow_blas_core_name())
    let error = largestError()
    // Entries are sums of 67 products of numbers below 1: rounding is below 1e-14.
    return error < 1e-12 ? .success(()) : .failure(BLASError(coreName: core, largestError: error))
  }()

  /// Compares products with plain loops, for sizes that reach kernels and their edges.
  private static func largestError() -> Double {
    let (rows, columns, inner) = (45, 83, 67)
    let a = (0..<rows * inner).map { sin(Double($0)) }
    let b = (0..<inner * columns).map { cos(1.7 * Double($0)) }
    var worst = 0.0
    for transpose in [false, true] {
      var c = [Double](repeating: .nan, count: rows * columns)
      let lda = transpose ? rows : inner
      cflow_gemm(transpose ? 1 : 0, rows, columns, inner, 1, a, lda, b, columns, 0, &c, columns)
      for i in 0..<rows {
        for j in 0..<columns {
          var sum = 0.0
          for k in 0..<inner { sum += a[transpose ? k * lda + i : i * lda + k] * b[k * columns + j] }
          worst = maxOrNaN(worst, abs(sum - c[i * columns + j]))
        }
      }
    }
    var c = [Double](repeating: 0, count: rows * rows)
    cflow_syrk(rows, inner, 1, a, &c)
    for i in 0..<rows {
      for j in 0...i {
        var sum = 0.0
        for k in 0..<inner { sum += a[i * inner + k] * a[j * inner + k] }
        worst = maxOrNaN(worst, abs(sum - c[i * rows + j]))
      }
    }
    return worst
  }

  private static func maxOrNaN(_ a: Double, _ b: Double) -> Double { a.isNaN || b <= a ? a : b }
}

/// OpenBLAS computes wrongly on this machine.
public struct BLASError: Error, Equatable, CustomStringConvertible {
  /// The kernels that OpenBLAS chose.
  public let coreName: String
  /// The largest error of an entry that should be right to 1e-14.
  public let largestError: Double

  package init(coreName: String, largestError: Double) {
    self.coreName = coreName
    self.largestError = largestError
  }

  public var description: String {
    """
    OpenBLAS (kernels '\(coreName)') multiplies matrices wrongly on this processor, by up to \
    \(largestError): set the environment variable OPENBLAS_CORETYPE to an older one that works, e.g. \
    OPENBLAS_CORETYPE=Haswell, and start again
    """
  }
}
