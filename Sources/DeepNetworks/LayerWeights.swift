/// Products with a network's weights at one state, and its biases; layers count from 0.
protocol LayerWeights {
  /// `z = scale a W^T`, or added to `z`; `n x units`.
  func forward(
    _ l: Int, _ n: Int, _ a: UnsafePointer<Double>, scale: Double, into z: UnsafeMutablePointer<Double>)
  /// `q = p W`; `n x inputs`.
  func backward(_ l: Int, _ n: Int, _ p: UnsafePointer<Double>, into q: UnsafeMutablePointer<Double>)
  /// The bias of a layer that has one.
  func bias(_ l: Int) -> UnsafePointer<Double>?
  /// The last layer's matrix.
  var top: UnsafePointer<Double> { get }
}

/// Weights as the state holds them.
struct DenseWeights: LayerWeights {
  private unowned(unsafe) let evaluation: DeepEvaluation
  private let theta: UnsafePointer<Double>

  init(_ evaluation: DeepEvaluation, _ theta: UnsafePointer<Double>) {
    (self.evaluation, self.theta) = (evaluation, theta)
  }

  func forward(
    _ l: Int, _ n: Int, _ a: UnsafePointer<Double>, scale: Double, into z: UnsafeMutablePointer<Double>
  ) {
    evaluation.layers[l].forward(n, a, theta + evaluation.weights(l), scale: scale, into: z)
  }

  func backward(_ l: Int, _ n: Int, _ p: UnsafePointer<Double>, into q: UnsafeMutablePointer<Double>) {
    evaluation.layers[l].backward(n, p, theta + evaluation.weights(l), into: q)
  }

  func bias(_ l: Int) -> UnsafePointer<Double>? { evaluation.bias(l).map { theta + $0 } }
  var top: UnsafePointer<Double> { theta + evaluation.weights(evaluation.depth) }
}
