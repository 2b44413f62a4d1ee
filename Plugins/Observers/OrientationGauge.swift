import Foundation
import GradientFlow

/// How orientations of vectors of weights are told apart and counted; ``Condensation`` says what the numbers mean.
struct OrientationGauge: Sendable {
  /// In degrees.
  let threshold: Double
  let share: Double
  let bins: Int
  let leaders: Int
  /// In degrees.
  let resolution: Double

  /// - Parameter vectors: those of `neurons`, where they are in the state `y`.
  func analyse(_ neurons: NeuronPicture, _ vectors: VectorsInState, _ y: Span<Double>) -> OrientationAnalysis
  {
    if let angles = neurons.angles { return analyse(angles, neurons.amplitudes) }
    let clusters = CosineClusters(
      vectors, y, neurons, threshold: Self.radians(threshold), smallest: share, leaders: leaders)
    let shares = clusters.clusters.map(\.share) + clusters.singleShares
    return OrientationAnalysis(
      histogram: WeightedHistogram(
        neurons.projections, weights: neurons.amplitudes, over: -1...1, bins: bins),
      clusters: clusters.clusters, share: share, entropy: entropy(shares),
      directions: 1 / shares.reduce(0) { $0 + $1 * $1 })
  }

  /// Of vectors in the plane.
  private func analyse(_ angles: [Double], _ amplitudes: [Double]) -> OrientationAnalysis {
    let histogram = WeightedHistogram(angles, weights: amplitudes, over: -Double.pi...Double.pi, bins: bins)
    let sorted = Direction.sorted(angles, weights: amplitudes)
    let clusters = ArcClusters(sorted, halfWidth: Self.radians(threshold), smallest: share)
    return OrientationAnalysis(
      histogram: histogram, clusters: clusters.clusters, share: share, entropy: entropy(histogram.shares),
      directions: 1 / Arcs(sorted, length: Self.radians(resolution)).coincidence)
  }

  private static func radians(_ degrees: Double) -> Double { degrees * .pi / 180 }
}
