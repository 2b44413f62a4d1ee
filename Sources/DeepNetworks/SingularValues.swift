import CDeepKernels
import GradientFlow
import Networks
import ODECore

/// The largest singular values of a dense matrix.
public enum SingularValues {
  /// Random directions.
  public static let directions = 32

  /// Descending, at most ``directions`` of them: those of `Q^T A` with `Q` an orthonormal basis of `(A A^T)^2 A G`, `G` random. Exact
  /// if no more are positive, or if the matrix has no more rows or columns.
  ///
  /// Source: Halko, Martinsson, Tropp, SIAM Review 53 (2011) 217-288, doi:10.1137/090771806.
  ///
  /// - Parameter matrix: row-major.
  /// - Throws: `EigenvalueError` if it holds NaN or infinities.
  public static func largest(of matrix: [Double], rows: Int, columns: Int) throws -> [Double] {
    precondition(matrix.count == rows * columns)
    let q = min(directions, rows, columns)
    var generator = PCG64(seed: 3)
    // Rows of x are directions among the columns, rows of y among the rows.
    let (x, y) = (StateVector(count: q * columns), StateVector(count: q * rows))
    for i in 0..<x.count { x.pointer[i] = generator.nextNormal() }
    matrix.withUnsafeBufferPointer { a in
      let a = a.baseAddress!
      for pass in 0..<3 {
        if pass > 0 {
          cdeep_backward(q, rows, columns, y.pointer, rows, a, columns, 0, x.pointer, columns)
          orthonormalise(x, q, columns)
        }
        cdeep_forward(q, rows, columns, 1, x.pointer, columns, a, columns, 0, y.pointer, rows)
        orthonormalise(y, q, rows)
      }
      cdeep_backward(q, rows, columns, y.pointer, rows, a, columns, 0, x.pointer, columns)
    }
    var gram = [Double](repeating: 0, count: q * q)
    for i in 0..<q {
      for j in 0..<q {
        gram[i * q + j] = cdeep_dot(columns, x.pointer + i * columns, x.pointer + j * columns)
      }
    }
    return try symmetricEigenvalues(gram, count: q).reversed().map { max($0, 0).squareRoot() }
  }

  /// Rows become orthonormal (Gram and Schmidt, twice); those that depend on earlier ones become zero.
  private static func orthonormalise(_ v: StateVector, _ count: Int, _ length: Int) {
    for i in 0..<count {
      let row = v.pointer + i * length
      let before = cdeep_squares(length, row, nil).squareRoot()
      for _ in 0..<2 {
        for j in 0..<i {
          let other = v.pointer + j * length
          cdeep_add(length, -cdeep_dot(length, row, other), other, row)
        }
      }
      let size = cdeep_squares(length, row, nil).squareRoot()
      let isNew = size > 1e-12 * before
      for e in 0..<length { row[e] = isNew ? row[e] / size : 0 }
    }
  }
}
