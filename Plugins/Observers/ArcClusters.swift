import Foundation

/// Clusters on the circle, by peeling: the arc of length `2 halfWidth` that holds most weight is the
/// first cluster; it is taken away, and so on, until the best arc holds less than `smallest` of
/// all weight. The result does not hang on the order of the neurons, and no chain of small gaps joins
/// the whole circle into one. O(m) to sort, O(m) and little of it for each cluster.
struct ArcClusters {
  /// Largest first. `centre` is the weighted mean direction, in `[-pi, pi)`. If there is weight, the
  /// largest is among them even if it holds less than `smallest`.
  private(set) var clusters: [OrientationCluster] = []

  /// - Parameters:
  ///   - directions: sorted.
  ///   - halfWidth: in radians, at most `pi / 2`.
  init(_ directions: [Direction], halfWidth: Double, smallest: Double) {
    var arcs = Arcs(directions, length: 2 * halfWidth)
    let total = arcs.totalWeight
    while let begin = arcs.heaviest() {
      let members = arcs.remove(begin)
      let weight = members.reduce(0) { $0 + $1.weight }
      let share = weight / total
      if share < smallest && !clusters.isEmpty { break }
      let x = members.reduce(0) { $0 + $1.weight * cos($1.angle) }
      let y = members.reduce(0) { $0 + $1.weight * sin($1.angle) }
      let centre = atan2(y, x)
      clusters.append(
        OrientationCluster(centre: centre == .pi ? -.pi : centre, share: share, neurons: members.count))
      if share < smallest { break }
    }
  }
}
