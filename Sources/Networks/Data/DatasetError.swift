/// Why samples cannot be used. Samples and columns count from 0; the target is the last column.
public enum DatasetError: Error, Equatable, CustomStringConvertible {
  /// There are no samples.
  case empty(name: String)
  /// There is not one target for each sample.
  case targetCount(name: String, samples: Int, targets: Int)
  /// A sample has another number of coordinates than the first one.
  case ragged(name: String, sample: Int, expected: Int, got: Int)
  /// A coordinate or target is NaN or infinite.
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
