import CFlowKernels
import Foundation

/// The process's OpenBLAS: set to one thread, and checked once.
///
/// OpenBLAS rounds differently with each number of threads, so the flow splits its neurons into fixed chunks
/// and lets one thread work on each. The setting holds for the whole process.
package enum BLAS {
  /// `c = op(a) b`, with the arguments of `cflow_gemm`.
  package typealias Multiply = (
    _ transpose: Bool, _ rows: Int, _ columns: Int, _ inner: Int, _ a: [Double], _ b: [Double],
    _ c: inout [Double]
  ) -> Void

  /// - Throws: ``BLASError`` if products come out wrong.
  package static func check() throws { try verdict.get() }

  private static let verdict: Result<Void, BLASError> = {
    cflow_blas_use_one_thread()
    let core = String(cString: cflow_blas_core_name())
    return judge(coreName: core) { transpose, rows, columns, inner, a, b, c in
      cflow_blas_gemm(
        transpose ? 1 : 0, rows, columns, inner, 1, a, transpose ? rows : inner, b, columns, 0, &c,
        columns)
    }
  }()

  /// Compares products with plain loops, for sizes that reach kernels and their edges.
  package static func judge(coreName: String, _ multiply: Multiply) -> Result<Void, BLASError> {
    let (rows, columns, inner) = (45, 83, 67)
    let a = (0..<rows * inner).map { sin(Double($0)) }
    let b = (0..<inner * columns).map { cos(1.7 * Double($0)) }
    var worst = 0.0
    for transpose in [false, true] {
      var c = [Double](repeating: .nan, count: rows * columns)
      multiply(transpose, rows, columns, inner, a, b, &c)
      for i in 0..<rows {
        for j in 0..<columns {
          var sum = 0.0
          for k in 0..<inner {
            sum += a[transpose ? k * rows + i : i * inner + k] * b[k * columns + j]
          }
          let error = abs(sum - c[i * columns + j])
          if !worst.isNaN, !(error <= worst) { worst = error }
        }
      }
    }
    // Entries are sums of 67 products of numbers below 1: rounding stays below 67^2 eps / 2 = 5e-13.
    return worst < 1e-12
      ? .success(()) : .failure(BLASError(coreName: coreName, largestError: worst))
  }
}

/// OpenBLAS computes wrongly on this machine.
public struct BLASError: Error, Equatable, CustomStringConvertible {
  /// The kernels that OpenBLAS chose.
  public let coreName: String
  /// The largest error of an entry that should be right to 1e-14.
  public let largestError: Double

  init(coreName: String, largestError: Double) {
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

/// The version, build options and chosen kernels of the OpenBLAS that is loaded, as it says itself; and whether products of samples and
/// neurons are made by the package's own kernels instead.
public let blasVersion =
  String(cString: cflow_blas_configuration()).trimmingCharacters(in: .whitespaces)
  + ", kernels \(String(cString: cflow_blas_core_name()))"
  + (cflow_uses_tiles() != 0 ? ", products by own AVX-512 kernels" : "")
