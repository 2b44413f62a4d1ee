/// Vectors of weights in a state, one for each unit, wherever they stand: coordinate `j` of unit `k` is at
/// `start + k unitStride + j coordinateStride`.
public struct VectorsInState: Equatable, Sendable {
  /// How many vectors.
  public let count: Int
  /// Coordinates of each.
  public let dimension: Int
  @usableFromInline let start: Int
  @usableFromInline let unitStride: Int
  @usableFromInline let coordinateStride: Int

  /// Vectors from the places of their coordinates, see ``VectorsInState``.
  public init(count: Int, dimension: Int, start: Int, unitStride: Int, coordinateStride: Int) {
    (self.count, self.dimension, self.start) = (count, dimension, start)
    (self.unitStride, self.coordinateStride) = (unitStride, coordinateStride)
  }

  /// The input weights `w_k` of a network of two layers.
  public init(inputWeightsOf shape: NetworkShape) {
    self.init(
      count: shape.width, dimension: shape.inputDimension, start: shape.width, unitStride: 1,
      coordinateStride: shape.width)
  }

  /// Where coordinate `j` of unit `k` is.
  @inlinable public func place(_ k: Int, _ j: Int) -> Int { start + k * unitStride + j * coordinateStride }

  /// The sum of squares, and the sum, of the coordinates of each vector.
  public func squaresAndSums(_ state: Span<Double>) -> (squares: [Double], sums: [Double]) {
    var (squares, sums) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    state.withUnsafeBufferPointer { y in
      // Memory is read in its own order.
      if coordinateStride <= unitStride {
        for k in 0..<count {
          for j in 0..<dimension {
            let x = y[place(k, j)]
            squares[k] += x * x
            sums[k] += x
          }
        }
      } else {
        for j in 0..<(count > 0 ? dimension : 0) { addSquares(j, y, &squares, &sums) }
      }
    }
    return (squares, sums)
  }

  /// Of coordinate `j`, which stands side by side.
  private func addSquares(
    _ j: Int, _ y: UnsafeBufferPointer<Double>, _ squares: inout [Double], _ sums: inout [Double]
  ) {
    // Buffers: with arrays the loop over units is not vectorised.
    squares.withUnsafeMutableBufferPointer { squares in
      sums.withUnsafeMutableBufferPointer { sums in
        let (row, stride) = (y.baseAddress! + place(0, j), unitStride)
        if stride == 1 {
          for k in 0..<count {
            squares[k] += row[k] * row[k]
            sums[k] += row[k]
          }
        } else {
          for k in 0..<count {
            squares[k] += row[k * stride] * row[k * stride]
            sums[k] += row[k * stride]
          }
        }
      }
    }
  }
}
