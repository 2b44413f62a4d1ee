import CFlowKernels

/// The eigenvalues, ascending, of a symmetric `n x n` matrix, by LAPACK's `dsyevr`.
///
/// - Throws: ``EigenvalueError``; ``BLASError`` if OpenBLAS computes wrongly on this machine.
public func symmetricEigenvalues(_ matrix: [Double], count n: Int) throws -> [Double] {
  var values = [Double](repeating: 0, count: n)
  try dsyevr(matrix, n) { cflow_symmetric_eigen(n, $0, 0, &values, nil) }
  return values
}

/// The largest eigenvalue of a symmetric `n x n` matrix.
package func largestEigenvalue(_ matrix: [Double], count n: Int) throws -> Double {
  var value = 0.0
  try dsyevr(matrix, n) { cflow_symmetric_eigen(n, $0, 1, &value, nil) }
  return value
}

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
    var (values, vectors) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n * n))
    try dsyevr(matrix, n) { cflow_symmetric_eigen(n, $0, 0, &values, &vectors) }
    count = n
    self.values = values
    self.vectors = vectors
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

/// Calls `body` with a copy of the matrix, which LAPACK overwrites.
private func dsyevr(
  _ matrix: [Double], _ n: Int, _ body: (UnsafeMutablePointer<Double>) -> Int
) throws {
  precondition(n > 0 && matrix.count == n * n)
  if let bad = matrix.firstIndex(where: { !$0.isFinite }) {
    throw EigenvalueError.nonFinite(row: bad / n, column: bad % n, value: matrix[bad])
  }
  try BLAS.check()
  var copy = matrix
  let info = copy.withUnsafeMutableBufferPointer { body($0.baseAddress!) }
  guard info == 0 else { throw EigenvalueError.lapack(info: info) }
}

/// Why eigenvalues could not be computed.
public enum EigenvalueError: Error, Equatable, CustomStringConvertible {
  case nonFinite(row: Int, column: Int, value: Double)
  /// `info` of LAPACK's dsyevr; -1000 if memory ran out.
  case lapack(info: Int)

  public var description: String {
    switch self {
    case .nonFinite(let row, let column, let value):
      "element (\(row), \(column)) of the matrix is \(value); eigenvalues need finite elements"
    case .lapack(let info):
      "LAPACK's dsyevr failed with info = \(info)"
    }
  }
}
