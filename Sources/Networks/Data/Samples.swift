/// Samples `(x_i, y_i)`, `i = 1...n`: all that a flow needs to know of its data, in whatever coordinates.
public struct Samples: Sendable, Equatable {
  /// `x_i`.
  public let inputs: Inputs
  /// `y_i`, ``outputCount`` numbers for each input, row-major.
  public let targets: [Double]
  /// `c`, the number of outputs of a network that can be trained on them.
  public let outputCount: Int

  /// There must be `c` targets for each input.
  public init(inputs: Inputs, targets: [Double], outputCount c: Int = 1) {
    precondition(
      c > 0 && inputs.count * c == targets.count,
      "\(targets.count) targets for \(inputs.count) inputs and \(c) outputs")
    (self.inputs, self.targets, outputCount) = (inputs, targets, c)
  }

  /// `n`.
  public var sampleCount: Int { inputs.count }
  /// `d`.
  public var inputDimension: Int { inputs.dimension }
  /// `x_i`, `d` values; `i` from 0.
  public func input(_ i: Int) -> ArraySlice<Double> { inputs[i] }
}
