/// The Jacobian by differences of `f`, with an increment for each column that adapts from one evaluation to the next:
///
///     J_j = (f(t, y + d_j e_j) - f(t, y)) / d_j,   d_j = r_j max(|y_j|, |h f_j|, floor)
///
/// `r_j` begins at the square root of the rounding unit. Where the difference is so small against `f` that rounding spoils more of it
/// than curvature may, `r_j` grows to where the two are level. Where it is large, the difference is taken again with a smaller increment: if it falls in proportion `f` is linear and
/// all is well; if not, curvature spoils it and `r_j` shrinks; if it stays as it was for increments a ten-thousandth as long, `f` jumps there,
/// and no Jacobian exists: ``jump``. Systems whose components and rates differ by many powers of ten need that. Columns of a banded or sparse
/// Jacobian that have no row in common share an evaluation.
///
/// Sources: Salane, *Adaptive routines for forming Jacobians numerically*, Sandia report SAND86-1319 (1986); Curtis, Powell, Reid, *IMA
/// J. Appl. Math.* 13 (1974) 117-119, doi:10.1093/imamat/13.1.117.
public final class DifferencedJacobian {
  private let count: Int
  private let lower: Int
  private let upper: Int
  private let pattern: SparsityPattern?
  /// Columns that share an evaluation.
  private let groups: [[Int]]
  private var ratios: [Double]
  private let point: StateVector
  private let value: StateVector
  private var increments: [Double]
  /// For each column: how often its large difference was looked at in this evaluation, the last one, the ratio before, and for how many
  /// evaluations it is not looked at.
  private var looks: [Int]
  private var largest: [Double]
  private var kept: [Double]
  private var quiet: [Int]
  /// The slope of a column when it last turned out linear.
  private var slopes: [Double]

  private static let unit = Double.ulpOfOne
  private static let rejected = 1.0 / 4.9e13  // unit^(7/8)
  private static let big = 1.2e-4  // unit^(1/4)

  /// - Parameter bandwidths: of a banded Jacobian; `nil` for a full one.
  public convenience init(count: Int, bandwidths: (lower: Int, upper: Int)? = nil) {
    self.init(count: count, bandwidths: bandwidths ?? (count - 1, count - 1), pattern: nil)
  }

  /// A sparse Jacobian.
  public convenience init(_ pattern: SparsityPattern) {
    self.init(count: pattern.count, bandwidths: (0, 0), pattern: pattern)
  }

  private init(count: Int, bandwidths: (lower: Int, upper: Int), pattern: SparsityPattern?) {
    self.count = count
    self.pattern = pattern
    (lower, upper) = bandwidths
    // In a band columns `width` apart have no row in common.
    let width = min(lower + upper + 1, count)
    groups =
      pattern?.columnGroups ?? (0..<width).map { Array(Swift.stride(from: $0, to: count, by: width)) }
    ratios = Array(repeating: Self.unit.squareRoot(), count: count)
    increments = Array(repeating: 0, count: count)
    (largest, kept, slopes) = (increments, increments, increments)
    looks = Array(repeating: 0, count: count)
    quiet = looks
    point = StateVector(count: count)
    value = StateVector(count: count)
  }

  /// Calls `body` with each row that column `j` may have.
  @inline(__always)
  private func forEachRow(_ j: Int, _ body: (Int) -> Void) {
    if let pattern {
      for k in pattern.starts[j]..<pattern.starts[j + 1] { body(pattern.rows[k]) }
    } else {
      for i in max(0, j - upper)...min(count - 1, j + lower) { body(i) }
    }
  }

  /// The column across which `f` jumped in the last evaluation, if there was one.
  public private(set) var jump: Int?

  /// What evaluations so far have taught: three numbers for each column.
  public var memory: [Double] { ratios + quiet.map(Double.init) + slopes }

  /// Takes over an earlier ``memory``; returns whether it is one.
  public func resume(_ memory: some Collection<Double>) -> Bool {
    let values = Array(memory)
    guard values.count == 3 * count, values.allSatisfy(\.isFinite) else { return false }
    let rests = values[count..<2 * count].compactMap { Int(exactly: $0) }
    guard rests.count == count, values[..<count].allSatisfy({ $0 > 0 }) else { return false }
    (ratios, quiet, slopes) = (Array(values[..<count]), rests, Array(values[(2 * count)...]))
    return true
  }

  /// Evaluates `J(t, y)` column by column.
  ///
  /// - Parameters:
  ///   - f: `f(t, y)`.
  ///   - h: a step's size, which says how far `y` moves.
  ///   - floor: a component's size below which it does not matter; the least that an increment is taken of.
  ///   - evaluate: writes `f(t, point)`.
  ///   - set: `(i, j, J_ij)`, for every element within the band or the pattern.
  /// - Returns: whether every element is finite.
  public func evaluate(
    _ y: StateVector, _ f: StateVector, h: Double, floor: Double,
    _ evaluate: (_ point: StateVector, _ value: StateVector) throws -> Void, _ set: (Int, Int, Double) -> Void
  ) rethrows -> Bool {
    jump = nil
    var isFinite = true
    for columns in groups {
      for j in columns { (looks[j], largest[j]) = (0, 0) }
      for attempt in 1...Self.mostAttempts {
        point.pointer.update(from: y.pointer, count: count)
        for j in columns {
          increments[j] = increment(j, y.pointer[j], f.pointer[j], h, floor)
          point.pointer[j] += increments[j]
        }
        try evaluate(point, value)
        var again = false
        for j in columns where adapt(j, f) { again = true }
        if !again || attempt == Self.mostAttempts { break }
      }
      for j in columns {
        forEachRow(j) { i in
          let element = (value.pointer[i] - f.pointer[i]) / increments[j]
          isFinite = isFinite && element.isFinite
          set(i, j, element)
        }
      }
    }
    return isFinite
  }

  private static let mostAttempts = 4
  /// So many evaluations a column that has turned out linear is not looked at again.
  private static let peace = 10

  private func increment(_ j: Int, _ y: Double, _ f: Double, _ h: Double, _ floor: Double) -> Double {
    let size = max(abs(y), abs(h * f), floor, 1e-290)
    // Along the motion, so that components that must stay positive do.
    let signed = f < 0 || (f == 0 && y < 0) ? -size : size
    // What is added is what the rounded sum shows.
    var ratio = ratios[j]
    while true {
      let d = (y + ratio * signed) - y
      if d != 0 || ratio >= 1 { return d == 0 ? signed : d }
      ratio *= 10
    }
  }

  /// Adapts the ratio of column `j`; whether its difference is to be taken anew.
  private func adapt(_ j: Int, _ f: StateVector) -> Bool {
    var (difference, scale) = (0.0, 0.0)
    forEachRow(j) { i in
      let now = abs(value.pointer[i] - f.pointer[i])
      if now > difference {
        difference = now
        scale = max(abs(value.pointer[i]), abs(f.pointer[i]))
      }
    }
    guard difference.isFinite else { return false }
    if looks[j] > 0 { return judge(j, difference) }
    // A column of zeros is one, most likely.
    if difference > 0 {
      // Of the difference, the part that is rounding; curvature makes about `ratio` of it.
      let noise = Self.unit * scale / difference
      if noise > 10 * ratios[j] {
        ratios[j] = min((ratios[j] * noise).squareRoot(), 1000 * ratios[j], 0.1)
        return difference < Self.rejected * scale
      }
    }
    // A jump shows as a slope that the column has not had.
    let isSteep = difference > 100 * slopes[j] * abs(increments[j])
    quiet[j] = isSteep ? 0 : max(0, quiet[j] - 1)
    guard difference > Self.big * scale, quiet[j] == 0, ratios[j] > 1e3 * Self.unit else { return false }
    (looks[j], largest[j], kept[j]) = (1, difference, ratios[j])
    ratios[j] *= 0.01
    return true
  }

  /// What a difference with a hundredth of the last increment says.
  private func judge(_ j: Int, _ difference: Double) -> Bool {
    let part = difference / largest[j]
    if part > 0.003, part < 0.03 {
      (ratios[j], quiet[j]) = (kept[j], Self.peace)
      slopes[j] = difference / abs(increments[j])
      return false
    }
    // What is gone with a smaller increment was a jump close by, and says nothing of increments elsewhere.
    if part <= 0.003 { ratios[j] = kept[j] }
    guard part > 0.5 else { return false }
    if looks[j] == 2 {
      jump = j
      ratios[j] = kept[j]
      return false
    }
    (looks[j], largest[j]) = (2, difference)
    ratios[j] *= 0.01
    return true
  }
}

/// The failure of an implicit method where `f` jumps at the state: what its iteration takes for converged may be nothing.
public func jumpFailure(_ method: String, _ t: Double, _ component: Int) -> IntegrationFailure {
  IntegrationFailure(
    .convergenceFailure,
    "\(method): f jumps across component \(component) of the state at t = \(t), where it is now, so there is no Jacobian; locate the jump by an event, or use an explicit method such as dormand-prince"
  )
}
