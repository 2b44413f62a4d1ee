import Networks

/// A fully connected network of any depth,
///
///     f(x) = kappa W_L a_(L-1),   a_l = sigma_l(W_l a_(l-1) + b_l),   a_0 = x,
///
/// with `L - 1` hidden layers. `W_l` has a row for each unit of layer `l`. The bias of the first hidden layer is its weight
/// from the input's constant coordinate; the other hidden layers have biases `b_l` if asked for, weights from a constant 1;
/// the output has none. With one hidden layer and one output this is (9), laid out otherwise than ``/Networks/NetworkShape`` says.
///
/// The state holds `W_1`, `W_2`, `b_2`, ..., `W_L`, each row-major.
///
/// ```swift
/// let network = DeepNetwork(widths: [2, 1000, 1000, 1], kappa: 1e-3, activations: [ReLU(), ReLU()])
/// ```
public struct DeepNetwork: Architecture {
  /// `d`, the widths of the hidden layers, `c`.
  public let widths: [Int]
  /// The factor before the last layer.
  public let kappa: Double
  /// `sigma_1, ..., sigma_(L-1)`.
  public let activations: [any Activation]
  /// Whether hidden layers from the second on have biases.
  public let hasBiases: Bool
  public let blocks: [ParameterBlock]
  /// Where `W_l` and `b_l` are in ``blocks``; layers from 0.
  let places: [(weights: Int, bias: Int?)]

  /// - Parameters:
  ///   - widths: inputs, the bias coordinate included; one or more hidden layers; outputs.
  ///   - activations: one for each hidden layer.
  public init(widths: [Int], kappa: Double, activations: [any Activation], hasBiases: Bool = false) {
    precondition(
      widths.count >= 3 && widths.allSatisfy { $0 > 0 }, "a network needs a hidden layer, and units")
    precondition(activations.count == widths.count - 2, "one activation for each hidden layer")
    (self.widths, self.kappa, self.activations, self.hasBiases) = (widths, kappa, activations, hasBiases)
    var blocks: [ParameterBlock] = []
    var places: [(weights: Int, bias: Int?)] = []
    func append(_ name: String, _ layer: Int, _ shape: [Int]) {
      blocks.append(
        ParameterBlock(name, layer: layer, start: blocks.last?.range.upperBound ?? 0, shape: shape))
    }
    for l in 1..<widths.count {
      append("W\(l)", l, [widths[l], widths[l - 1]])
      let isBiased = hasBiases && l > 1 && l < widths.count - 1
      places.append((blocks.count - 1, isBiased ? blocks.count : nil))
      if isBiased { append("b\(l)", l, [widths[l]]) }
    }
    (self.blocks, self.places) = (blocks, places)
  }

  public var name: String { widths.map(String.init).joined(separator: "-") }
  public var inputDimension: Int { widths[0] }
  public var outputCount: Int { widths.last! }
  public var hasKinks: Bool { activations.contains { !$0.kinks.isEmpty } }

  /// Whether every activation is 1-homogeneous: then hidden units obey a conservation law, and the passage from the
  /// original model is exact (without biases).
  public var isHomogeneous: Bool { activations.allSatisfy { $0.homogeneity == 1 } }

  /// - Throws: `BLASError` if OpenBLAS computes wrongly on this machine.
  public func makeEvaluation(at inputs: Inputs, threads: Int) throws -> any ArchitectureEvaluation {
    try DeepEvaluation(self, at: inputs, threads: threads)
  }
}
