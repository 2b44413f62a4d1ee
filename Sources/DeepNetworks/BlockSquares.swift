import CDeepKernels
import Networks

/// The sums of squares of the rows and the columns of each block of a network's parameters.
public struct BlockSquares: Sendable {
  /// One array for each block.
  public internal(set) var rows: [[Double]] = []
  /// Likewise; empty for blocks that are vectors.
  public internal(set) var columns: [[Double]] = []

  init() {}

  /// - Parameter state: `theta`.
  public init(_ blocks: [ParameterBlock], _ state: Span<Double>) {
    precondition(blocks.last.map { $0.range.upperBound == state.count } ?? true)
    state.withUnsafeBufferPointer { state in
      for block in blocks { append(block, state.baseAddress! + block.range.lowerBound) }
    }
  }

  /// A block that stands at `values`.
  mutating func append(_ block: ParameterBlock, _ values: UnsafePointer<Double>) {
    let (count, width) = (block.shape[0], block.shape.count > 1 ? block.shape[1] : 1)
    rows.append((0..<count).map { cdeep_squares(width, values + $0 * width, nil) })
    var sums = [Double](repeating: 0, count: block.shape.count > 1 ? width : 0)
    if !sums.isEmpty { for k in 0..<count { cdeep_add_squares(width, 1, values + k * width, &sums) } }
    columns.append(sums)
  }
}
