import Foundation
import GradientFlow
import UntrustedNumbers

/// Clusters of directions in any dimension by greedy leaders: the free neuron of the largest amplitude
/// leads; all free neurons whose direction has a cosine of at least `cos(threshold)` with the leader's
/// join it; and so on, until less than `smallest` of the amplitude is free or `leaders` have
/// been named.
///
/// For unit vectors `|u - v|^2 = 2 - 2 cos`, and a part of that sum over coordinates already tells most neurons from
/// the leader: only those that ``NearDirections`` cannot tell are compared in full. Each leader costs O(m) coordinates
/// and O(d) for each neuron near it.
struct CosineClusters {
  /// In the order of their leaders. `centre` is the leader's projection.
  private(set) var clusters: [OrientationCluster] = []
  /// The shares of the neurons that no leader took.
  let singleShares: [Double]

  /// `threshold` in radians.
  init(
    _ vectors: VectorsInState, _ y: Span<Double>, _ neurons: NeuronPicture, threshold: Double,
    smallest: Double, leaders: Int
  ) {
    let (m, d) = (vectors.count, vectors.dimension)
    let projections = neurons.projections
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
    var free = (0..<m).filter { isFree[$0] }
    let near = NearDirections(vectors, y, norms: neurons.norms, leastCosine: least)
    for leader in order where isFree[leader] {
      if clusters.count == leaders || left < smallest * total { break }
      let candidates = near.candidates(free, leader, y)
      for k in candidates { dots[k] = 0 }
      for j in 0..<d {
        let direction = y[vectors.place(leader, j)] / neurons.norms[leader]
        for k in candidates { dots[k] += direction * y[vectors.place(k, j)] }
      }
      var weight = 0.0
      var count = 0
      for k in candidates where k == leader || dots[k] >= least * neurons.norms[k] {
        isFree[k] = false
        weight += amplitudes[k]
        count += 1
      }
      free.removeAll { !isFree[$0] }
      left -= weight
      clusters.append(
        OrientationCluster(
          centre: projections[leader], share: weight / total, neurons: count))
    }
    singleShares = free.map { amplitudes[$0] / total }
  }
}

/// Leaves out neurons whose direction is certainly far from a leader's.
private struct NearDirections {
  private let vectors: VectorsInState
  private let norms: [Double]
  /// Of the coordinates, in strides, so that the first of them are spread over an image.
  private let order: [Int]
  /// The first coordinates of each neuron's unit vector in that order, filled up with zeros: what most neurons are left out by.
  private let heads: [SIMD16<Double>]
  /// `|u - v|^2` beyond this is too far; what rounding can do to a sum of `d` terms is far below the slack.
  private let limit: Double

  /// Coordinates between two looks at the sums.
  private static let block = SIMD16<Double>.scalarCount
  /// With fewer than this many neurons left nothing is saved by looking further.
  private static let few = 2

  init(_ vectors: VectorsInState, _ y: Span<Double>, norms: [Double], leastCosine: Double) {
    (self.vectors, self.norms) = (vectors, norms)
    let d = vectors.dimension
    let stride = max(1, Int(saturating: (Double(d) * 0.618).rounded()))
    let step = (stride...(stride + d)).first { Self.divisor($0, d) == 1 }!
    let order = (0..<d).map { $0 * step % d }
    var heads = [SIMD16<Double>](repeating: .zero, count: vectors.count)
    for (place, j) in order.prefix(Self.block).enumerated() {
      for k in heads.indices { heads[k][place] = y[vectors.place(k, j)] / norms[k] }
    }
    (self.order, self.heads) = (order, heads)
    limit = 2 - 2 * leastCosine + 1e-9
  }

  /// Those of `neurons`, ascending, that may have a cosine of at least the given one with `leader`.
  func candidates(_ neurons: [Int], _ leader: Int, _ y: Span<Double>) -> [Int] {
    var left: [(neuron: Int, distance: Double)] = []
    let head = heads[leader]
    for k in neurons {
      let difference = head - heads[k]
      let distance = (difference * difference).sum()
      // A distance that is no number is left to the full comparison.
      if !(distance > limit) { left.append((k, distance)) }
    }
    var begin = Self.block
    while begin < order.count, left.count > Self.few {
      let end = min(order.count, begin + Self.block)
      for j in order[begin..<end] {
        let direction = y[vectors.place(leader, j)] / norms[leader]
        for i in left.indices {
          let k = left[i].neuron
          let difference = direction - y[vectors.place(k, j)] / norms[k]
          left[i].distance += difference * difference
        }
      }
      left.removeAll { $0.distance > limit }
      begin = end
    }
    return left.map(\.neuron)
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
}
