/// Samples `(x_i, y_i)`, `i = 1...n`: all that a flow needs to know of its data, in whatever coordinates.
public struct Samples: Sendable, Equatable {
  /// `x_i`.
  public let inputs: Inputs
  /// `y_i`, one for each input.
  public let targets: [Double]

  /// There must be as many targets as inputs.
  public init(inputs: Inputs, targets: [Double]) {
    precondition(inputs.count == targets.count, "\(targets.count) targets for \(inputs.count) inputs")
    (self.inputs, self.targets) = (inputs, targets)
  }

  /// `n`.
  public var sampleCount: Int { inputs.count }
  /// `d`.
  public var inputDimension: Int { inputs.dimension }
  /// `x_i`, `d` values; `i` from 0.
  public func input(_ i: Int) -> ArraySlice<Double> { inputs[i] }
}
