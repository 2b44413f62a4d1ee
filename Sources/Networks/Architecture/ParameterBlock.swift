/// A named part of an ``Architecture``'s parameters: a matrix or a vector of the flat vector `theta`.
public struct ParameterBlock: Equatable, Sendable {
  /// Unique within its architecture, as in records: `W1`, `b2`.
  public let name: String
  /// The layer of weights that it belongs to, from 1. Blocks of one layer share a mobility.
  public let layer: Int
  /// Where it is in `theta`.
  public let range: Range<Int>
  /// Row-major; `[rows, columns]` of a matrix, `[count]` of a vector.
  public let shape: [Int]

  /// A block that begins at `start`.
  public init(_ name: String, layer: Int, start: Int, shape: [Int]) {
    precondition(layer > 0 && start >= 0 && !shape.isEmpty && shape.allSatisfy { $0 > 0 })
    (self.name, self.layer, self.shape) = (name, layer, shape)
    range = start..<(start + shape.reduce(1, *))
  }
}
