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
}
