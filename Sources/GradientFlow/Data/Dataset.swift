/// Samples `(x_i, y_i)`, `i = 1...n`; the bias coordinate 1 is part of `x_i` (its last).
public struct Dataset: Sendable, Equatable {
  /// As it appears in records and titles.
  public let name: String
  /// `n`.
  public let sampleCount: Int
  /// `d`, the bias coordinate included.
  public let inputDimension: Int
  /// Row-major, `n x d`.
  public let inputs: [Double]
  /// `n` targets.
  public let targets: [Double]
  /// The loss `R` at which the data's own authors stop training, if that is known.
  public let customaryStopLoss: Double?

  /// - Parameters:
  ///   - features: `n` rows of `d - 1` values; the bias coordinate is appended here.
  /// - Throws: ``DatasetError``.
  public init(
    name: String, features: [[Double]], targets: [Double], customaryStopLoss: Double? = nil
  ) throws {
    guard let first = features.first else { throw DatasetError.empty(name: name) }
    guard targets.count == features.count else {
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
      if !targets[i].isFinite {
        throw DatasetError.nonFinite(name: name, sample: i, column: row.count, value: targets[i])
      }
      inputs += row
      inputs.append(1)
    }
    self.name = name
    self.sampleCount = features.count
    self.inputDimension = first.count + 1
    self.inputs = inputs
    self.targets = targets
    self.customaryStopLoss = customaryStopLoss
  }

  /// `x_i`, `d` values.
  public func input(_ i: Int) -> ArraySlice<Double> {
    inputs[i * inputDimension..<(i + 1) * inputDimension]
  }
}

/// Why samples cannot be used. Samples and columns count from 0; the target is the last column.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  case empty(name: String)
  case targetCount(name: String, samples: Int, targets: Int)
  case ragged(name: String, sample: Int, expected: Int, got: Int)
  case nonFinite(name: String, sample: Int, column: Int, value: Double)

  public var description: String {
    switch self {
    case .empty(let name): "data '\(name)' has no samples"
    case .targetCount(let name, let samples, let targets):
      "data '\(name)' has \(samples) inputs but \(targets) targets"
    case .ragged(let name, let sample, let expected, let got):
      "data '\(name)': sample \(sample) has \(got) features, the first one has \(expected)"
    case .nonFinite(let name, let sample, let column, let value):
      "data '\(name)': sample \(sample), column \(column) is \(value); every value must be finite"
    }
  }
}
