import ODECore

extension Dataset {
  /// Samples from one row-major block, without an array for each of them.
  ///
  /// - Parameters:
  ///   - inputs: `n x d`, the bias coordinate 1 at the end of each row included.
  /// - Throws: ``DatasetError``.
  public init(
    name: String, inputs: [Double], inputDimension d: Int, targets: [Double],
    customaryStopLoss: Double? = nil
  ) throws {
    precondition(d > 0 && inputs.count.isMultiple(of: d), "inputs are no matrix")
    let n = inputs.count / d
    if n == 0 { throw DatasetError.empty(name: name) }
    guard targets.count == n else {
      throw DatasetError.targetCount(name: name, samples: n, targets: targets.count)
    }
    if let i = inputs.withUnsafeBufferPointer({ $0.firstNonFinite }) {
      throw DatasetError.nonFinite(name: name, sample: i / d, column: i % d, value: inputs[i])
    }
    if let i = targets.firstIndex(where: { !$0.isFinite }) {
      throw DatasetError.nonFinite(name: name, sample: i, column: d - 1, value: targets[i])
    }
    for i in 0..<n { precondition(inputs[i * d + d - 1] == 1, "the bias coordinate must be 1") }
    self.name = name
    self.sampleCount = n
    self.inputDimension = d
    self.inputs = inputs
    self.targets = targets
    self.customaryStopLoss = customaryStopLoss
  }

  /// The samples of `data` with other, already computed coordinates `inputs`, `n x d`; no column need be the bias.
  package init(_ data: Dataset, inputs: [Double], inputDimension d: Int) {
    precondition(inputs.count == data.sampleCount * d)
    name = data.name
    sampleCount = data.sampleCount
    inputDimension = d
    self.inputs = inputs
    targets = data.targets
    customaryStopLoss = data.customaryStopLoss
  }
}
