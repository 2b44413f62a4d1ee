import Foundation
import UntrustedNumbers

/// Orientations that belong together.
struct OrientationCluster: Equatable {
  /// An angle, or a projection.
  let centre: Double
  /// Of the whole amplitude.
  let share: Double
  /// How many neurons.
  let neurons: Int
}

/// What ``Condensation`` knows of one time.
struct OrientationAnalysis {
  let histogram: WeightedHistogram
  /// Those with at least `share`, largest first.
  let counted: [OrientationCluster]
  let entropy: Double
  /// The effective number of directions; NaN without any amplitude.
  let directions: Double
  private let all: [OrientationCluster]

  init(
    histogram: WeightedHistogram, clusters: [OrientationCluster], share: Double, entropy: Double,
    directions: Double
  ) {
    self.histogram = histogram
    self.entropy = entropy
    self.directions = directions.isFinite ? directions : .nan
    all = clusters.sorted { $0.share > $1.share }
    counted = all.filter { $0.share >= share }
  }

  var clusterCount: Int { counted.count }

  /// The share of the `count` largest clusters; NaN without any amplitude.
  func top(_ count: Int) -> Double {
    all.isEmpty ? .nan : all.prefix(count).reduce(0) { $0 + $1.share }
  }
}

/// `-sum p log p` in nats, with `0 log 0 = 0`.
func entropy(_ shares: [Double]) -> Double {
  shares.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
}

/// The shares of a total weight in equal bins over an interval. A value on a common edge belongs to
/// the upper bin, one on or beyond an end to the bin there.
struct WeightedHistogram {
  let centres: [Double]
  let shares: [Double]

  init(_ values: [Double], weights: [Double], over range: ClosedRange<Double>, bins: Int) {
    let width = (range.upperBound - range.lowerBound) / Double(bins)
    centres = (0..<bins).map { range.lowerBound + (Double($0) + 0.5) * width }
    var sums = [Double](repeating: 0, count: bins)
    for (value, weight) in zip(values, weights) where weight > 0 && value.isFinite {
      let bin = Int(saturating: ((value - range.lowerBound) / width).rounded(.down))
      sums[min(max(bin, 0), bins - 1)] += weight
    }
    let total = sums.reduce(0, +)
    shares = total > 0 ? sums.map { $0 / total } : sums
  }
}
