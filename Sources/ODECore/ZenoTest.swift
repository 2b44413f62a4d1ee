/// Whether events that change the state follow one another ever faster, without end.
///
/// Either several in a row come at intervals that `t` hardly resolves; or one event comes again, short after the last time, in a
/// hundredth of the interval before: what lies between is then below what the tolerance resolves, and the next flight would begin
/// on the wrong side.
struct ZenoTest: Equatable, Sendable, Codable {
  private static let most = 10
  private static let shortest = 1e-11
  private static let short = 1e-6
  private static let collapse = 0.01

  private let start: Double
  private var last: Change?
  private var lastInterval = 0.0
  private var count = 0

  private struct Change: Equatable, Sendable, Codable {
    let t: Double
    let event: Int
  }

  init(from start: Double) { self.start = start }

  /// Takes note of a state changed at `t`; whether there is no way beyond.
  mutating func accept(_ t: Double, event: Int) -> Bool {
    defer { last = Change(t: t, event: event) }
    guard let last else { return false }
    let interval = abs(t - last.t)
    let elapsed = max(abs(t - start), abs(t))
    defer { lastInterval = last.event == event ? interval : 0 }
    count = interval <= Self.shortest * elapsed ? count + 1 : 0
    return count >= Self.most
      || last.event == event && interval <= Self.short * elapsed && interval < Self.collapse * lastInterval
  }
}
