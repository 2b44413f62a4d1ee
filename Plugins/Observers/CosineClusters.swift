import Foundation
import GradientFlow

/// Clusters of directions in any dimension by greedy leaders: the free neuron of the largest amplitude
/// leads; all free neurons whose direction has a cosine of at least `cos(threshold)` with the leader's
/// join it; and so on, until less than `smallest` of the amplitude is free or `leaders` have
/// been named. Each leader costs one pass over the state, O(m d).
struct CosineClusters {
  /// In the order of their leaders. `centre` is the leader's projection.
  private(set) var clusters: [OrientationCluster] = []
  /// The shares of the neurons that no leader took.
  let singleShares: [Double]

  /// `threshold` in radians.
  init(
    _ snapshot: FlowSnapshot, _ neurons: NeuronPicture, _ projections: [Double], threshold: Double,
    smallest: Double, leaders: Int
  ) {
    let m = snapshot.width
    let d = snapshot.inputDimension
    let amplitudes = neurons.amplitudes
    let total = amplitudes.reduce(0, +)
    // A direction's cosine with itself is 1 up to rounding.
    let least = cos(threshold) - 1e-12
    let order = (0..<m).filter { amplitudes[$0] > 0 }.sorted {
      (-amplitudes[$0], $0) < (-amplitudes[$1], $1)
    }
    var isFree = amplitudes.map { $0 > 0 }
    var dots = [Double](repeating: 0, count: m)
    var left = total
    for leader in order where isFree[leader] {
      if clusters.count == leaders || left < smallest * total { break }
      snapshot.withState { y in
        for k in 0..<m { dots[k] = 0 }
        for j in 0..<d {
          let row = (j + 1) * m
          let direction = y[row + leader] / neurons.norms[leader]
          for k in 0..<m { dots[k] += direction * y[row + k] }
        }
      }
      var weight = 0.0
      var count = 0
      for k in 0..<m where isFree[k] && (k == leader || dots[k] >= least * neurons.norms[k]) {
        isFree[k] = false
        weight += amplitudes[k]
        count += 1
      }
      left -= weight
      clusters.append(
        OrientationCluster(
          centre: projections[leader], share: weight / total, neurons: count))
    }
    singleShares = (0..<m).filter { isFree[$0] }.map { amplitudes[$0] / total }
  }
}
