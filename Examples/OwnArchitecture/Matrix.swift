import Foundation

/// A small matrix of doubles, row-major; written to be read, not to be fast.
struct Matrix {
  let rows: Int
  let columns: Int
  var values: [Double]

  init(_ rows: Int, _ columns: Int, _ values: [Double]) {
    precondition(values.count == rows * columns)
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  private init(_ rows: Int, _ columns: Int, _ inner: Int, _ term: (Int, Int, Int) -> Double) {
    self.init(
      rows, columns,
      (0..<rows).flatMap { i in
        (0..<columns).map { j in (0..<inner).reduce(0.0) { $0 + term(i, j, $1) } }
      })
  }

  private subscript(_ i: Int, _ j: Int) -> Double { values[i * columns + j] }

  /// `A B`.
  func times(_ b: Matrix) -> Matrix { Matrix(rows, b.columns, columns) { self[$0, $2] * b[$2, $1] } }
  /// `A B^T`.
  func timesTransposed(_ b: Matrix) -> Matrix { Matrix(rows, b.rows, columns) { self[$0, $2] * b[$1, $2] } }
  /// `A^T B`.
  func transposedTimes(_ b: Matrix) -> Matrix {
    Matrix(columns, b.columns, rows) { self[$2, $0] * b[$2, $1] }
  }
  /// Elementwise.
  func times(_ b: Matrix, _ body: (Double, Double) -> Double) -> Matrix {
    Matrix(rows, columns, zip(values, b.values).map(body))
  }
  /// `A + c B`.
  func plus(_ c: Double, _ b: Matrix) -> Matrix { times(b) { $0 + c * $1 } }
  func scaled(_ c: Double) -> Matrix { mapped { c * $0 } }
  func mapped(_ body: (Double) -> Double) -> Matrix { Matrix(rows, columns, values.map(body)) }
}
