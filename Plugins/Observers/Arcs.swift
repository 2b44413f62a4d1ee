/// The arcs of one length that begin at one of `n` sorted directions. An arc that is taken away changes its
/// neighbours' weights only, so that one pass over all of them serves for all clusters.
struct Arcs {
  private var directions: [Direction]
  /// Position `i` and `i + n` are the same direction, once around.
  private let count: Int
  /// The first position beyond the arc that begins at `i`, in `i + 1...i + n`.
  private var ends: [Int32]
  /// What is left in the arc that begins at `i`; negative if the direction itself was taken away.
  private var sums: [Double]

  init(_ directions: [Direction], length: Double) {
    // Angles a few roundings apart are one direction, also at the end of an arc.
    let length = length + 1e-12
    self.directions = directions
    count = directions.count
    ends = []
    ends.reserveCapacity(count)
    sums = [Double](repeating: 0, count: count)
    var end = 0
    for begin in directions.indices {
      end = max(end, begin + 1)
      while end < begin + count, angle(end) - angle(begin) <= length { end += 1 }
      ends.append(Int32(end))
    }
    if count > 0 { sum(from: 0, through: count - 1) }
  }

  var totalWeight: Double { directions.reduce(0) { $0 + $1.weight } }

  /// `sum_kl p_k p_l` over all ordered pairs, also `k = l`, at most an arc's length apart.
  var coincidence: Double {
    let total = totalWeight
    return (0..<count).reduce(0) {
      // Each arc holds the pairs with those behind it: the others are the same pairs again.
      $0 + directions[$1].weight * (2 * sums[$1] - directions[$1].weight)
    } / (total * total)
  }

  /// Where the heaviest arc begins, the first of equals; `nil` if nothing is left.
  func heaviest() -> Int? {
    var best = (sum: -1.0, begin: -1)
    for i in 0..<count where sums[i] > best.sum { best = (sums[i], i) }
    return best.begin < 0 ? nil : best.begin
  }

  /// Takes away the arc that begins at `begin`; returns what was in it.
  mutating func remove(_ begin: Int) -> [Direction] {
    let end = Int(ends[begin])
    var members: [Direction] = []
    for position in begin..<end where sums[position % count] >= 0 {
      members.append(directions[position % count])
      directions[position % count].weight = 0
      sums[position % count] = -1
    }
    // Arcs that begin before it and reach into it.
    var first = begin
    while first > end - count, reach(first - 1) > begin { first -= 1 }
    sum(from: first, through: begin)
    return members
  }

  /// Brings the sums of the arcs that begin in `first...last` up to date. Differences of one running sum lose
  /// nothing that matters for the choice, and the weight of the chosen arc is summed afresh.
  private mutating func sum(from first: Int, through last: Int) {
    var running: [Double] = [0]
    let end = reach(last)
    running.reserveCapacity(end - first + 1)
    for position in first..<end {
      running.append(running.last! + directions[wrapped(position)].weight)
    }
    for position in first...last where sums[wrapped(position)] >= 0 {
      sums[wrapped(position)] = running[reach(position) - first] - running[position - first]
    }
  }

  private func angle(_ position: Int) -> Double {
    position < count ? directions[position].angle : directions[position - count].angle + 2 * .pi
  }

  /// The end of the arc that begins at `position`, which may lie one turn before the first.
  private func reach(_ position: Int) -> Int {
    position < 0 ? Int(ends[position + count]) - count : Int(ends[position])
  }

  private func wrapped(_ position: Int) -> Int {
    position < 0 ? position + count : position < count ? position : position - count
  }
}
