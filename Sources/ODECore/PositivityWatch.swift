/// Watches components that cannot become negative: those that begin at or above zero, and that `f` holds there.
///
/// Where one falls below zero, `f` is asked for its slope at zero, with other negative ones that are watched at zero too. If that points down the crossing is the
/// solution's own, and the component is not watched any longer. Else only the method's error took it there: harmless at the
/// size of the tolerance, but kinetic equations have solutions with negative concentrations that run away.
struct PositivityWatch {
  /// Larger systems are not watched.
  private static let most = 64
  /// Of the largest component's modulus, what a negative one must reach to be worth a remark.
  private static let worthwhile = 0.01

  /// What a component may have fallen by in the step in which it crosses zero for the method's error to have done it.
  private static let small = 1e-3

  struct Lowest: Equatable, Sendable, Codable {
    let component: Int
    let value: Double
    let time: Double
  }

  private(set) var watched: [Int]
  private(set) var suspects: Set<Int> = []
  private let point: StateVector
  private let slope: StateVector
  private(set) var worst: Lowest?
  /// Evaluations of `f`.
  private(set) var evaluations = 0

  init(_ start: [Double], _ memory: StepWatches?) {
    let isSmall = start.count <= Self.most
    watched = isSmall ? start.indices.filter { start[$0] >= 0 } : []
    point = StateVector(count: isSmall ? start.count : 0)
    slope = StateVector(count: isSmall ? start.count : 0)
    if let memory {
      (watched, suspects) = (memory.watched.filter(start.indices.contains), Set(memory.suspects))
      worst = memory.lowest.flatMap { start.indices.contains($0.component) ? $0 : nil }
    }
  }

  /// Watches no longer.
  mutating func end() { watched = [] }

  /// Takes note of an accepted step after which a watched component is negative.
  mutating func accept(_ t: Double, _ y: Span<Double>, _ system: any ODESystem, _ sign: Double) throws {
    for i in watched where y[i] < 0 {
      var largest = 0.0
      for k in 0..<y.count { largest = max(largest, abs(y[k])) }
      if !suspects.contains(i) {
        guard try isHeld(i, t, y, system, sign), -y[i] < Self.small * largest else {
          watched.removeAll { $0 == i }
          continue
        }
        suspects.insert(i)
      }
      guard y[i] < -Self.worthwhile * largest, y[i] < worst?.value ?? 0 else { continue }
      // Meanwhile `f` may have let it go.
      if try isHeld(i, t, y, system, sign) {
        worst = Lowest(component: i, value: y[i], time: t)
      } else {
        watched.removeAll { $0 == i }
      }
    }
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
