/// `A = Q diag(values) Q^T` of a symmetric `n x n` matrix, by LAPACK's `dsyevr`.
public struct SymmetricEigendecomposition: Sendable {
  /// `n`.
  public let count: Int
  /// Ascending.
  public let values: [Double]
  /// Row-major `n x n`: row `j` is the orthonormal eigenvector of `values[j]`; its sign is LAPACK's.
  public let vectors: [Double]

  /// - Throws: ``EigenvalueError``; ``BLASError`` if OpenBLAS computes wrongly on this machine.
  public init(_ matrix: [Double], count n: Int) throws {
    count = n
    (values, vectors) = try symmetricEigenvectors(matrix, count: n)
  }

  /// `Q^T x`: the part of `x` along each eigenvector.
  public func coefficients(of x: [Double]) -> [Double] {
    precondition(x.count == count)
    return (0..<count).map { j in (0..<count).reduce(0) { $0 + vectors[j * count + $1] * x[$1] } }
  }

  /// `Q c`: the vector with these coefficients.
  public func vector(of coefficients: [Double]) -> [Double] {
    precondition(coefficients.count == count)
    return (0..<count).map { i in
      (0..<count).reduce(0) { $0 + vectors[$1 * count + i] * coefficients[$1] }
    }
  }
}
