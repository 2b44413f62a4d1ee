/// What neurons did at kinks.
struct EventCounts {
  var crossings = 0
  var captures = 0
  var releases = 0
  var signChanges = 0
  var throughZero = 0
  var heldAtZero = 0
  var unresolved = 0

  static func += (a: inout EventCounts, b: EventCounts) {
    a.crossings += b.crossings
    a.captures += b.captures
    a.releases += b.releases
    a.signChanges += b.signChanges
    a.throughZero += b.throughZero
    a.heldAtZero += b.heldAtZero
    a.unresolved += b.unresolved
  }
}
