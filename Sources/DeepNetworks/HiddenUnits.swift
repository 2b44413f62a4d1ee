import Foundation
import GradientFlow

/// The hidden units of one layer of a ``DeepNetwork``: the weights of each from the layer below, its row of `W_l`, and those to the layer above,
/// its column of `W_(l+1)`. The amplitude of a unit is the product of the two norms; for two layers and one output that is `|a_k| |w_k|`.
public struct HiddenUnits: Sendable {
  /// From 1.
  public let layer: Int
  /// Rows of `W_l`, without biases.
  public let rows: VectorsInState
  /// Columns of `W_(l+1)`.
  public let columns: VectorsInState
  private let blockAbove: Int

  /// `nil` for the last layer, which has no hidden units, and beyond.
  public init?(_ network: DeepNetwork, layer: Int) {
    guard layer >= 1, layer < network.layerCount else { return nil }
    self.layer = layer
    blockAbove = network.places[layer].weights
    let below = network.blocks[network.places[layer - 1].weights]
    let above = network.blocks[network.places[layer].weights]
    let count = below.shape[0]
    rows = VectorsInState(
      count: count, dimension: below.shape[1], start: below.range.lowerBound, unitStride: below.shape[1],
      coordinateStride: 1)
    columns = VectorsInState(
      count: count, dimension: above.shape[0], start: above.range.lowerBound, unitStride: 1,
      coordinateStride: count)
  }

  /// Amplitudes, and orientations of the rows.
  public func rowPicture(_ state: Span<Double>) -> NeuronPicture {
    NeuronPicture(rows, in: state, partners: norms(columns, state))
  }

  /// Amplitudes, and orientations of the columns.
  public func columnPicture(_ state: Span<Double>) -> NeuronPicture {
    NeuronPicture(columns, in: state, partners: norms(rows, state))
  }

  /// Norms of the columns, the units' amplitudes' second factor, from sums of squares.
  public func norms(ofColumns squares: BlockSquares) -> [Double] {
    squares.columns[blockAbove].map { $0.squareRoot() }
  }

  private func norms(_ vectors: VectorsInState, _ state: Span<Double>) -> [Double] {
    vectors.squaresAndSums(state).squares.map { $0.squareRoot() }
  }
}
