import CDeepKernels
import Foundation
import GradientFlow

/// The hidden units of one layer of a ``DeepNetwork``: the weights of each from the layer below (its row of `W_l`), and the norm of
/// those to the layer above (its column of `W_(l+1)`).
public struct HiddenUnits {
  /// From 1.
  public let layer: Int
  /// `W_l` in the state.
  public let weights: ParameterBlock
  private let above: ParameterBlock

  /// `nil` for the last layer, which has no hidden units, and beyond.
  public init?(_ network: DeepNetwork, layer: Int) {
    guard layer >= 1, layer < network.layerCount else { return nil }
    self.layer = layer
    weights = network.blocks[network.places[layer - 1].weights]
    above = network.blocks[network.places[layer].weights]
  }

  /// How many there are.
  public var count: Int { weights.shape[0] }
  /// How many weights each has from the layer below, biases of their own apart.
  public var dimension: Int { weights.shape[1] }

  /// Amplitude `|row of W_l| |column of W_(l+1)|` and orientation of each; for two layers and one output those of section 3.1.
  public func picture(_ state: Span<Double>) -> NeuronPicture {
    NeuronPicture(
      weights: state.extracting(weights.range), dimension: dimension, partners: columnNorms(state))
  }

  /// `|column of W_(l+1)|` of each.
  private func columnNorms(_ state: Span<Double>) -> [Double] {
    var squares = [Double](repeating: 0, count: count)
    let start = above.range.lowerBound
    state.withUnsafeBufferPointer { y in
      squares.withUnsafeMutableBufferPointer { squares in
        for row in 0..<above.shape[0] {
          let w = y.baseAddress! + start + row * squares.count
          for k in 0..<squares.count { squares[k] += w[k] * w[k] }
        }
      }
    }
    return squares.map { $0.squareRoot() }
  }
}
