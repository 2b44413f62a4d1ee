/// Watches what exact solutions keep: where it drifts by much more than the tolerance, so does the solution; where little of it is left the solution
/// is none.
struct InvariantWatch {
  /// Steps from one look to the next; the end of the run is one, too.
  private static let interval = 16
  /// The relative change from which on a solution is none.
  private static let most = 0.1

  /// What a resumed run goes on with.
  struct Memory: Equatable, Sendable, Codable {
    /// The values at the start, or where an event has last changed the state.
    fileprivate(set) var start: [Double]
    fileprivate(set) var steps = 0
    fileprivate(set) var worst: Drift?
    /// The first that was lost.
    fileprivate(set) var lost: Drift?
  }

  struct Drift: Equatable, Sendable, Codable {
    let name: String
    let drift: Double
    let time: Double
  }

  private let invariants: Invariants
  private let tolerance: Double
  private(set) var memory: Memory

  /// - Parameter tolerance: the relative change from which on something is said.
  init(
    _ invariants: Invariants, tolerance: Double, _ t: Double, _ y: Span<Double>, resuming memory: Memory?
  ) {
    (self.invariants, self.tolerance) = (invariants, tolerance)
    self.memory = memory ?? Memory(start: invariants.values(t, y))
  }

  mutating func accept(_ t: Double, _ y: Span<Double>) {
    memory.steps += 1
    if memory.steps % Self.interval == 0 { look(t, y) }
  }

  mutating func look(_ t: Double, _ y: Span<Double>) {
    for (i, (value, start)) in zip(invariants.values(t, y), memory.start).enumerated() {
      let drift = abs(value - start) / (start == 0 ? 1 : abs(start))
      guard drift > tolerance else { continue }
      if memory.lost == nil, drift > Self.most, change(i, t, y, since: start) > Self.most {
        memory.lost = Drift(name: invariants.names[i], drift: drift, time: t)
      }
      guard drift > memory.worst?.drift ?? 0 else { continue }
      memory.worst = Drift(name: invariants.names[i], drift: drift, time: t)
    }
  }

  /// The relative change of the `i`-th; of one that is a difference of what is a thousand times as large, relative to that.
  private func change(_ i: Int, _ t: Double, _ y: Span<Double>, since start: Double) -> Double {
    let value = invariants.values(t, y)[i]
    let step = 1e-6
    let shifted = StateVector(count: y.count)
    // How much relative changes of the state do to it, for a few patterns of signs.
    let scale = (0..<4).map { pattern in
      for k in 0..<y.count {
        shifted.pointer[k] = y[k] * (1 + (k >> pattern & 1 == 0 || pattern == 3 ? step : -step))
      }
      return abs(shifted.withSpan { invariants.values(t, $0)[i] } - value) / step
    }.max()!
    return abs(value - start) / (abs(start) > 1e-3 * scale ? abs(start) : scale)
  }

  /// What to say of an invariant that is lost.
  var loss: String? {
    memory.lost.map {
      "the exact solution keeps '\($0.name)', this one has changed it by \(Float($0.drift)) of itself by t = \($0.time): it is no solution; tighten rtol, or take a method that keeps it (verlet)"
    }
  }

  /// An event has changed the state, and with it what is kept.
  mutating func restart(_ t: Double, _ y: Span<Double>) { memory.start = invariants.values(t, y) }

  var remark: SolutionRemark? {
    memory.worst.map {
      SolutionRemark(
        name: "invariantDrift",
        text:
          "the exact solution keeps '\($0.name)', this one has changed it by \(Float($0.drift)) of itself by t = \($0.time), more than \(Float(tolerance)): errors have added up; tighten rtol, or take a method that keeps it (verlet)"
      )
    }
  }
}
