/// Watches components that cannot become negative: those that begin at or above zero, and that `f` holds there.
///
/// Where one falls below zero, `f` is asked for its slope at zero, with other negative ones that are watched at zero too. If that points down the crossing is the
/// solution's own, and the component is not watched any longer; of a deep fall in one step `f` is asked along the step. Else only the method's error
/// took it there: harmless at the size of the tolerance, but kinetic equations have solutions with negative concentrations that run away. By more than
/// ``most`` of the largest component of the run it is no solution.
struct PositivityWatch {
  /// Larger systems are not watched.
  private static let largestSystem = 64
  /// Of the largest component's modulus in the run, what a negative one must reach to be worth a remark, and to be no solution.
  private static let (worthwhile, most) = (0.01, 0.1)
  /// Times in a step at which `f` is asked after a deep fall.
  private static let looks = 8

  /// What a component may have fallen by in the step in which it crosses zero for the method's error to have done it.
  private static let small = 1e-3

  struct Lowest: Equatable, Sendable, Codable {
    let component: Int
    let value: Double
    let time: Double
  }

  private(set) var watched: [Int] {
    didSet { isWatching = !watched.isEmpty }
  }
  /// Whether any component is watched: it is asked once a step.
  private(set) var isWatching: Bool
  private(set) var suspects: Set<Int> = []
  private let point: StateVector
  private let slope: StateVector
  private(set) var worst: Lowest?
  /// The modulus of the largest component so far.
  private(set) var largest = 0.0
  /// Evaluations of `f`.
  private(set) var evaluations = 0

  init(_ start: [Double], _ memory: StepWatches?) {
    let isSmall = start.count <= Self.largestSystem
    let held = isSmall ? start.indices.filter { start[$0] >= 0 } : []
    (watched, isWatching) = (held, !held.isEmpty)
    point = StateVector(count: isSmall ? start.count : 0)
    slope = StateVector(count: isSmall ? start.count : 0)
    for value in start { largest = max(largest, abs(value)) }
    if let memory {
      largest = memory.largest ?? largest
      (watched, suspects) = (memory.watched.filter(start.indices.contains), Set(memory.suspects))
      isWatching = !watched.isEmpty
      worst = memory.lowest.flatMap { start.indices.contains($0.component) ? $0 : nil }
    }
  }

  /// Watches no longer.
  mutating func end() { watched = [] }

  /// The same with the state at the end taken into account, too.
  func ending(with y: Span<Double>) -> PositivityWatch {
    var watch = self
    for k in 0..<y.count { watch.largest = max(watch.largest, abs(y[k])) }
    return watch
  }

  /// The lowest value that is worth a remark, if there was one.
  var remarkable: Lowest? { worst.flatMap { $0.value < -Self.worthwhile * largest ? $0 : nil } }

  /// Whether ``worst`` is so low that the state is no solution.
  var isLost: Bool { worst.map { $0.value < -Self.most * largest } ?? false }

  /// Takes note of an accepted step from `t0` to `t` after which a watched component is negative.
  ///
  /// - Parameter interpolate: writes the solution at a time in the step.
  mutating func accept(
    from t0: Double, to t: Double, _ y: Span<Double>, _ system: any ODESystem, _ sign: Double,
    _ interpolate: (Double, inout MutableSpan<Double>) throws -> Void
  ) throws {
    var now = 0.0
    for k in 0..<y.count { now = max(now, abs(y[k])) }
    largest = max(largest, now)
    try suspect(from: t0, to: t, y, now, system, sign, interpolate)
    for i in watched where y[i] < 0 {
      guard y[i] < -Self.worthwhile * now, y[i] < worst?.value ?? 0 else { continue }
      // Meanwhile `f` may have let it go.
      if try isHeld(i, t, y, system, sign) {
        worst = Lowest(component: i, value: y[i], time: t)
      } else {
        watched.removeAll { $0 == i }
      }
    }
  }

  /// Which of those that are negative for the first time are suspects, and which are watched no longer. Until all agree: what is watched no longer is
  /// not held at zero either where others are looked at.
  private mutating func suspect(
    from t0: Double, to t: Double, _ y: Span<Double>, _ largest: Double, _ system: any ODESystem,
    _ sign: Double,
    _ interpolate: (Double, inout MutableSpan<Double>) throws -> Void
  ) throws {
    var isSettled = false
    while !isSettled {
      isSettled = true
      for i in watched where y[i] < 0 && !suspects.contains(i) {
        let holds =
          try isHeld(i, t, y, system, sign)
          && (-y[i] < Self.small * largest || isHeld(i, from: t0, to: t, system, sign, interpolate))
        if holds { continue }
        watched.removeAll { $0 == i }
        isSettled = false
      }
    }
    for i in watched where y[i] < 0 { suspects.insert(i) }
  }

  /// Whether `f` does not let component `i` below zero anywhere in a step.
  private mutating func isHeld(
    _ i: Int, from t0: Double, to t: Double, _ system: any ODESystem, _ sign: Double,
    _ interpolate: (Double, inout MutableSpan<Double>) throws -> Void
  ) throws -> Bool {
    let state = StateVector(count: point.count)
    for k in 1..<Self.looks {
      let time = t0 + (t - t0) * Double(k) / Double(Self.looks)
      try state.withMutableSpan { try interpolate(time, &$0) }
      state.pointer[i] = 0
      guard try state.withSpan({ try isHeld(i, time, $0, system, sign) }) else { return false }
    }
    return true
  }

  /// Whether `f` does not let component `i` below zero.
  private mutating func isHeld(
    _ i: Int, _ t: Double, _ y: Span<Double>, _ system: any ODESystem, _ sign: Double
  ) throws -> Bool {
    for k in 0..<y.count { point.pointer[k] = y[k] }
    for k in watched { point.pointer[k] = max(0, y[k]) }
    evaluations += 1
    try point.withSpan { y in try slope.withMutableSpan { try system.derivative(t, y, into: &$0) } }
    return slope.pointer[i] * sign >= 0
  }
}
