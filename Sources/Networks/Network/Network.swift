/// A two-layer network `f(x) = kappa sum_k a_k sigma(w_k . x)` (9): its size, scaling and activation. It knows neither
/// data nor weights; the weights are a state vector, laid out as ``NetworkShape`` says.
///
/// ```swift
/// let network = Network(width: 1000, inputDimension: 2, scaling: scaling, activation: ReLU())
/// let start = try GaussianStart(seed: 1).state(for: network.shape)
/// let f = try network.outputs(start.span, at: Inputs(features: [[-0.5], [0], [0.5]]))
/// ```
public struct Network: Sendable {
  /// `m`, `d` and the layout of the state.
  public let shape: NetworkShape
  /// `kappa` and `kappa'` (8).
  public let scaling: Scaling
  /// `sigma`.
  public let activation: any Activation

  /// A network of any size and scaling.
  public init(shape: NetworkShape, scaling: Scaling, activation: any Activation) {
    (self.shape, self.scaling, self.activation) = (shape, scaling, activation)
  }

  /// `width` and `inputDimension`, the bias coordinate included, must be positive.
  public init(width: Int, inputDimension: Int, scaling: Scaling, activation: any Activation) {
    self.init(
      shape: NetworkShape(width: width, inputDimension: inputDimension), scaling: scaling,
      activation: activation)
  }
}
