import CFlowKernels

/// The eigenvalues, ascending, of a symmetric `n x n` matrix, by LAPACK's `dsyevr`.
///
/// - Throws: ``EigenvalueError``; ``BLASError`` if OpenBLAS computes wrongly on this machine.
public func symmetricEigenvalues(_ matrix: [Double], count n: Int) throws -> [Double] {
  try eigenvalues(matrix, n, largestOnly: false)
}

/// The largest eigenvalue of a symmetric `n x n` matrix.
package func largestEigenvalue(_ matrix: [Double], count n: Int) throws -> Double {
  try eigenvalues(matrix, n, largestOnly: true)[0]
}

/// The eigenvalues, ascending, of a symmetric `n x n` matrix, and their eigenvectors, a row of norm 1 for each.
package func symmetricEigenvectors(
  _ matrix: [Double], count n: Int
) throws -> (values: [Double], vectors: [Double]) {
  var vectors = [Double](repeating: 0, count: n * n)
  let values = try vectors.withUnsafeMutableBufferPointer {
    try eigenvalues(matrix, n, largestOnly: false, vectors: $0.baseAddress)
  }
  return (values, vectors)
}

private func eigenvalues(
  _ matrix: [Double], _ n: Int, largestOnly: Bool, vectors: UnsafeMutablePointer<Double>? = nil
) throws -> [Double] {
  precondition(n > 0 && matrix.count == n * n)
  if let bad = matrix.firstIndex(where: { !$0.isFinite }) {
    throw EigenvalueError.nonFinite(row: bad / n, column: bad % n, value: matrix[bad])
  }
  try BLAS.check()
  var copy = matrix
  var values = [Double](repeating: 0, count: largestOnly ? 1 : n)
  let info = cflow_symmetric_eigenvalues(n, &copy, largestOnly ? 1 : 0, &values, vectors)
  guard info == 0 else { throw EigenvalueError.lapack(info: info) }
  return values
}

/// Why eigenvalues could not be computed.
public enum EigenvalueError: Error, Equatable, CustomStringConvertible {
  /// An entry of the matrix is NaN or infinite.
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
