#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The requested times of a ``SaveTimes`` one after the other, strictly monotone from the start on.
struct SaveSchedule {
  /// The next requested time; `nil` if there is none.
  private(set) var next: Double?

  private let times: SaveTimes
  private let start: Double
  private let sign: Double
  /// `list`, sorted in the direction of integration.
  private let sorted: [Double]
  /// Where `next` is in `sorted`, or its integer `k`.
  private var position: Double

  /// - Throws: ``SaveTimesError``.
  init(_ times: SaveTimes, from start: Double, sign: Double) throws {
    self.times = times
    self.start = start
    self.sign = sign
    var sorted: [Double] = []
    position = -1
    switch times {
    case .endpoints, .steps: break
    case .list(let list):
      if let bad = list.firstIndex(where: \.isNaN) { throw SaveTimesError.notANumber(index: bad) }
      sorted = list.sorted { ($0 - $1) * sign < 0 }
    case .linear(let spacing):
      guard spacing > 0, spacing.isFinite else { throw SaveTimesError.spacing(spacing) }
      guard start + sign * spacing != start else {
        throw SaveTimesError.unresolvedSpacing(spacing, at: start)
      }
      position = 0
    case .geometric(let first, let perDecade):
      guard first > 0, first.isFinite else { throw SaveTimesError.first(first) }
      guard perDecade > 0 else { throw SaveTimesError.perDecade(perDecade) }
      // The logarithm of a power of ten may be rounded upwards.
      position = (log10(first) * Double(perDecade) - 1e-9).rounded(.up) - 1
    }
    self.sorted = sorted
    next = nil
    advance(past: start)
  }

  /// Moves on to the first requested time strictly beyond `t`; stays if ``next`` is that already.
  mutating func advance(past t: Double) {
    if let next, (next - t) * sign > 0 { return }
    switch times {
    case .endpoints, .steps:
      next = nil
    case .list:
      var index = Int(position) + 1
      while index < sorted.count, (sorted[index] - t) * sign <= 0 { index += 1 }
      position = Double(index)
      next = index < sorted.count ? sorted[index] : nil
    case .linear(let spacing):
      let elapsed = ((t - start) * sign / spacing).rounded(.down)
      step(past: t, from: elapsed) { [start, sign] in start + sign * $0 * spacing }
    case .geometric(_, let perDecade):
      let elapsed = (t - start) * sign
      let k = elapsed > 0 ? (log10(elapsed) * Double(perDecade)).rounded(.down) - 1 : -Double.infinity
      step(past: t, from: k) { [start, sign] in start + sign * pow(10, $0 / Double(perDecade)) }
    }
  }

  private mutating func step(past t: Double, from guess: Double, _ time: (Double) -> Double) {
    // Beyond 2^53 adding 1 changes nothing.
    func following(_ k: Double) -> Double { max(k + 1, k.nextUp) }
    var k = max(following(position), guess.isFinite ? guess : -.infinity)
    while (time(k) - t) * sign <= 0 { k = following(k) }
    position = k
    next = time(k).isFinite ? time(k) : nil
  }
}
