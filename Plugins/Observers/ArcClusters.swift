import Foundation

/// Clusters on the circle, by peeling: the arc of length `2 halfWidth` that holds most weight is the
/// first cluster; it is taken away, and so on, until the best arc holds less than `smallest` of
/// all weight. The result does not hang on the order of the neurons, and no chain of small gaps joins
/// the whole circle into one. O(m log m) to sort, O(m) for each cluster.
struct ArcClusters {
  /// Largest first. `centre` is the weighted mean direction, in `[-pi, pi)`. If there is weight, the
  /// largest is among them even if it holds less than `smallest`.
  private(set) var clusters: [OrientationCluster] = []

  /// - Parameters:
  ///   - angles: in `[-pi, pi)`.
  ///   - halfWidth: in radians, at most `pi / 2`.
  init(angles: [Double], weights: [Double], halfWidth: Double, smallest: Double) {
    var order = angles.indices.filter { weights[$0] > 0 && angles[$0].isFinite }
    order.sort { (angles[$0], $0) < (angles[$1], $1) }
    let total = order.reduce(0) { $0 + weights[$1] }
    var isTaken = [Bool](repeating: false, count: angles.count)
    // Angles a few roundings apart are one direction, also at the end of an arc.
    let length = 2 * halfWidth + 1e-12

    while let best = Self.bestArc(order, angles, weights, length) {
      let share = best.weight / total
      if share < smallest && !clusters.isEmpty { break }
      var x = 0.0
      var y = 0.0
      for k in best.members {
        x += weights[k] * cos(angles[k])
        y += weights[k] * sin(angles[k])
      }
      let centre = atan2(y, x)
      clusters.append(
        OrientationCluster(
          centre: centre == .pi ? -.pi : centre, share: share, neurons: best.members.count))
      if share < smallest { break }
      for k in best.members { isTaken[k] = true }
      order.removeAll { isTaken[$0] }
    }
  }

  /// The heaviest arc that starts at one of `order`, the first of equals.
  private static func bestArc(
    _ order: [Int], _ angles: [Double], _ weights: [Double], _ length: Double
  ) -> (weight: Double, members: [Int])? {
    let count = order.count
    guard count > 0 else { return nil }
    // Running sums over the circle, twice around; differences of one running sum lose nothing that
    // matters for the choice, and the weight of the chosen arc is summed afresh.
    var sums = [0.0]
    sums.reserveCapacity(2 * count + 1)
    for i in 0..<2 * count { sums.append(sums[i] + weights[order[i % count]]) }
    func angle(_ i: Int) -> Double { angles[order[i % count]] + (i < count ? 0 : 2 * .pi) }

    var best = (weight: -1.0, from: 0, to: 0)
    var end = 0
    for begin in 0..<count {
      end = max(end, begin + 1)
      while end < begin + count && angle(end) - angle(begin) <= length { end += 1 }
      let weight = sums[end] - sums[begin]
      if weight > best.weight { best = (weight, begin, end) }
    }
    let members = (best.from..<best.to).map { order[$0 % count] }
    return (members.reduce(0) { $0 + weights[$1] }, members)
  }
}
