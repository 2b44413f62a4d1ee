/// Samples `(x_i, y_i)` under a name; the last coordinate of every `x_i` is the bias coordinate 1.
public struct Dataset: Sendable, Equatable {
  /// As it appears in records and titles.
  public let name: String
  /// Inputs and targets.
  public let samples: Samples
  /// The loss `R` at which the data's own authors stop training, if that is known.
  public let customaryStopLoss: Double?

  /// - Parameters:
  ///   - features: `n` rows of `d - 1` values; the bias coordinate is appended here.
  ///   - targets: `c` for each row, side by side.
  /// - Throws: ``DatasetError``.
  public init(
    name: String, features: [[Double]], targets: [Double], outputCount c: Int = 1,
    customaryStopLoss: Double? = nil
  ) throws {
    guard let first = features.first else { throw DatasetError.empty(name: name) }
    guard targets.count == features.count * c else {
      throw DatasetError.targetCount(name: name, samples: features.count, targets: targets.count)
    }
    var inputs: [Double] = []
    inputs.reserveCapacity(features.count * (first.count + 1))
    for (i, row) in features.enumerated() {
      guard row.count == first.count else {
        throw DatasetError.ragged(name: name, sample: i, expected: first.count, got: row.count)
      }
      if let j = row.firstIndex(where: { !$0.isFinite }) {
        throw DatasetError.nonFinite(name: name, sample: i, column: j, value: row[j])
      }
      if let q = (0..<c).first(where: { !targets[i * c + $0].isFinite }) {
        throw DatasetError.nonFinite(name: name, sample: i, column: row.count + q, value: targets[i * c + q])
      }
      inputs += row
      inputs.append(1)
    }
    self.name = name
    samples = Samples(inputs: Inputs(inputs, dimension: first.count + 1), targets: targets, outputCount: c)
    self.customaryStopLoss = customaryStopLoss
  }

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
    // 0 x is 0 for a finite x and NaN otherwise.
    if !inputs.reduce(0, { $0 + $1 * 0 }).isFinite, let i = inputs.firstIndex(where: { !$0.isFinite }) {
      throw DatasetError.nonFinite(name: name, sample: i / d, column: i % d, value: inputs[i])
    }
    if let i = targets.firstIndex(where: { !$0.isFinite }) {
      throw DatasetError.nonFinite(name: name, sample: i, column: d - 1, value: targets[i])
    }
    for i in 0..<n { precondition(inputs[i * d + d - 1] == 1, "the bias coordinate must be 1") }
    self.name = name
    samples = Samples(inputs: Inputs(inputs, dimension: d), targets: targets)
    self.customaryStopLoss = customaryStopLoss
  }

  /// `x_i`.
  public var inputs: Inputs { samples.inputs }
  /// `y_i`.
  public var targets: [Double] { samples.targets }
  /// `n`.
  public var sampleCount: Int { inputs.count }
  /// `d`, the bias coordinate included.
  public var inputDimension: Int { inputs.dimension }
  /// `x_i`, `d` values; `i` from 0.
  public func input(_ i: Int) -> ArraySlice<Double> { inputs[i] }
}
