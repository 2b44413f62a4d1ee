/// Watches what exact solutions keep: where it drifts by much more than the tolerance, so does the solution.
struct InvariantWatch {
  /// Steps from one look to the next; the end of the run is one, too.
  private static let interval = 16

  private let invariants: Invariants
  private let tolerance: Double
  private var start: [Double]
  private var steps = 0
  private var worst: (name: String, drift: Double, time: Double)?

  /// - Parameter tolerance: the relative change from which on something is said.
  init(_ invariants: Invariants, tolerance: Double, _ t: Double, _ y: Span<Double>) {
    (self.invariants, self.tolerance) = (invariants, tolerance)
    start = invariants.values(t, y)
  }

  mutating func accept(_ t: Double, _ y: Span<Double>) {
    steps += 1
    if steps % Self.interval == 0 { look(t, y) }
  }

  mutating func look(_ t: Double, _ y: Span<Double>) {
    for (i, value) in invariants.values(t, y).enumerated() where i < start.count {
      let drift = abs(value - start[i]) / (start[i] == 0 ? 1 : abs(start[i]))
      if drift > tolerance, drift > worst?.drift ?? 0 { worst = (invariants.names[i], drift, t) }
    }
  }

  /// An event has changed the state, and with it what is kept.
  mutating func restart(_ t: Double, _ y: Span<Double>) { start = invariants.values(t, y) }

  var remark: SolutionRemark? {
    worst.map {
      SolutionRemark(
        name: "invariantDrift",
        text:
          "the exact solution keeps '\($0.name)', this one has changed it by \(Float($0.drift)) of itself by t = \($0.time), more than \(Float(tolerance)): errors have added up; tighten rtol, or take a method that keeps it (verlet)"
      )
    }
  }
}
