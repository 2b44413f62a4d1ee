/// Looks into long steps for what a method may have stepped over: an input that is not the same inside as the ends show.
///
/// `f` is evaluated at times inside the step with the state at its end. With the same state a difference can come from the time alone: for
/// an autonomous system there is none, however stiff it is. Where `f` inside differs from the line between the ends by many times what `f`
/// is there, the step has passed a pulse or jump: it must be taken again, and shorter.
///
/// It costs a tenth of the run's evaluations at most.
struct InteriorWatch {
  /// Of the span, from where on a step is long; looks for a step as long as the span.
  private static let (long, density) = (1.0 / 64, 96.0)
  /// How many times the values at the ends the one inside must differ by.
  private static let many = 10.0
  /// Of all evaluations, how many may be spent here.
  private static let share = 0.1

  private let span: Double
  private let point: StateVector
  private let slope: (begin: StateVector, end: StateVector, inside: StateVector)
  /// Evaluations of `f`.
  private(set) var evaluations = 0
  /// In the parts of the run before: those here, and all.
  private let earlier: (looks: Int, spent: Int)
  /// Evaluations of `f` here in the whole run.
  var total: Int { earlier.looks + evaluations }

  /// `nil` for an infinite span.
  init?(_ problem: ODEProblem, earlier: (looks: Int, spent: Int)) {
    self.earlier = earlier
    span = abs(problem.finalTime - problem.initialTime)
    guard span.isFinite else { return nil }
    let n = problem.system.dimension
    point = StateVector(count: n)
    slope = (StateVector(count: n), StateVector(count: n), StateVector(count: n))
  }

  /// From where on a step is long enough to be worth a look.
  var longStep: Double { Self.long * span }

  /// Where inside the step from `t0` to `t1`, which ends at `y`, `f` is another than the ends show.
  ///
  /// - Parameter spent: evaluations since the run began or was resumed.
  mutating func look(
    _ system: any ODESystem, from t0: Double, to t1: Double, _ y: Span<Double>, spent: Int
  ) throws -> Double? {
    let h = t1 - t0
    let share = Int(exactly: (Self.share * Double(spent + earlier.spent)).rounded(.down)) ?? 0
    let allowed = share - total - 2
    let looks = min(allowed, Int(exactly: (Self.density * abs(h) / span).rounded(.up)) ?? 0)
    guard looks > 0 else { return nil }
    for k in 0..<y.count { point.pointer[k] = y[k] }
    // Ends may be jumps themselves.
    try evaluate(system, t0 + 1e-3 * h, slope.begin)
    try evaluate(system, t1 - 1e-3 * h, slope.end)
    for k in 1...looks {
      // Off the round fractions at which a periodic input may vanish.
      let theta = (Double(k) - 0.381966) / Double(looks)
      let t = t0 + theta * h
      try evaluate(system, t, slope.inside)
      for i in 0..<y.count {
        let (a, b, c) = (slope.begin.pointer[i], slope.end.pointer[i], slope.inside.pointer[i])
        let difference = abs(c - (a + theta * (b - a)))
        if difference > Self.many * max(abs(a), abs(b)), difference * abs(h) > 1e-3 * abs(y[i]) { return t }
      }
    }
    return nil
  }

  private mutating func evaluate(_ system: any ODESystem, _ t: Double, _ value: StateVector) throws {
    evaluations += 1
    try point.withSpan { y in try value.withMutableSpan { try system.derivative(t, y, into: &$0) } }
  }
}
