import CSparseAlgebra
import ODECore

/// LU factors of `s I - J` for a sparse `J`, by KLU, with a real or a complex shift `s`.
///
/// Source: Davis, Palamadai Natarajan, ACM TOMS 37 (2010) 36, doi:10.1145/1824801.1824814.
final class SparseFactors {
  private let pattern: SparsityPattern
  private let diagonal: [Int]
  private let isComplex: Bool
  private let values: StateVector
  private let factors: OpaquePointer

  /// - Throws: ``/ODECore/IntegrationFailure`` if there is no memory for it.
  init(_ pattern: SparsityPattern, isComplex: Bool) throws {
    (self.pattern, self.isComplex) = (pattern, isComplex)
    diagonal = (0..<pattern.count).map { pattern.place($0, $0) }
    values = StateVector(count: pattern.rows.count * (isComplex ? 2 : 1))
    let made = csparse_new(
      Int32(pattern.count), pattern.starts.map(Int32.init), pattern.rows.map(Int32.init), isComplex ? 1 : 0)
    guard let made else {
      throw IntegrationFailure(
        .initialFailure, "KLU cannot order a pattern of \(pattern.rows.count) elements: no memory")
    }
    factors = made
  }

  deinit { csparse_free(factors) }

  /// Factorises `(re + i im) I - J`, `J` by its elements in the pattern's order; returns whether it is regular.
  func factor(_ jacobian: UnsafePointer<Double>, re: Double, im: Double = 0) -> Bool {
    let (width, v) = (isComplex ? 2 : 1, values.pointer)
    for k in 0..<pattern.rows.count {
      v[width * k] = -jacobian[k]
      if isComplex { v[2 * k + 1] = 0 }
    }
    for k in diagonal {
      v[width * k] += re
      if isComplex { v[2 * k + 1] += im }
    }
    return csparse_factor(factors, v) == 0
  }

  /// Solves in place; of a complex one `b` has pairs.
  func solve(_ b: UnsafeMutablePointer<Double>) { csparse_solve(factors, b) }
}
