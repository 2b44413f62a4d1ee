/// The Jacobian by differences of `f`, with an increment for each column that adapts from one evaluation to the next:
///
///     J_j = (f(t, y + d_j e_j) - f(t, y)) / d_j,   d_j = r_j max(|y_j|, |h f_j|, floor)
///
/// `r_j` begins at the square root of the rounding unit. Where the difference is small against `f`, so that rounding spoils it, `r_j`
/// grows, at once where there is nothing but rounding; where it is large, so that curvature spoils it, `r_j` shrinks. Systems whose
/// components and rates differ by many powers of ten need that. Columns of a banded Jacobian that do not overlap share an evaluation.
///
/// Sources: Salane, *Adaptive routines for forming Jacobians numerically*, Sandia report SAND86-1319 (1986); Curtis, Powell, Reid, *IMA
/// J. Appl. Math.* 13 (1974) 117-119, doi:10.1093/imamat/13.1.117.
public final class DifferencedJacobian {
  private let count: Int
  private let lower: Int
  private let upper: Int
  private var ratios: [Double]
  private let point: StateVector
  private let value: StateVector
  private var increments: [Double]

  private static let unit = Double.ulpOfOne
  private static let rejected = 1.0 / 4.9e13  // unit^(7/8)
  private static let small = 1.8e-12  // unit^(3/4)
  private static let big = 1.2e-4  // unit^(1/4)

  /// - Parameter bandwidths: of a banded Jacobian; `nil` for a full one.
  public init(count: Int, bandwidths: (lower: Int, upper: Int)? = nil) {
    self.count = count
    (lower, upper) = bandwidths ?? (count - 1, count - 1)
    ratios = Array(repeating: Self.unit.squareRoot(), count: count)
    increments = Array(repeating: 0, count: count)
    point = StateVector(count: count)
    value = StateVector(count: count)
  }

  /// Evaluates `J(t, y)` column by column.
  ///
  /// - Parameters:
  ///   - f: `f(t, y)`.
  ///   - h: a step's size, which says how far `y` moves.
  ///   - floor: a component's size below which it does not matter; the least that an increment is taken of.
  ///   - evaluate: writes `f(t, point)`.
  ///   - set: `(i, j, J_ij)`, for every element within the band.
  /// - Returns: whether every element is finite.
  public func evaluate(
    _ y: StateVector, _ f: StateVector, h: Double, floor: Double,
    _ evaluate: (_ point: StateVector, _ value: StateVector) throws -> Void, _ set: (Int, Int, Double) -> Void
  ) rethrows -> Bool {
    // Columns `stride` apart have no row in common.
    let stride = min(lower + upper + 1, count)
    var isFinite = true
    for first in 0..<stride {
      for attempt in 0..<Self.mostAttempts {
        point.pointer.update(from: y.pointer, count: count)
        for j in Swift.stride(from: first, to: count, by: stride) {
          increments[j] = increment(j, y.pointer[j], f.pointer[j], h, floor)
          point.pointer[j] += increments[j]
        }
        try evaluate(point, value)
        var again = false
        for j in Swift.stride(from: first, to: count, by: stride) where adapt(j, f) { again = true }
        if !again || attempt == Self.mostAttempts - 1 { break }
      }
      for j in Swift.stride(from: first, to: count, by: stride) {
        for i in max(0, j - upper)...min(count - 1, j + lower) {
          let element = (value.pointer[i] - f.pointer[i]) / increments[j]
          isFinite = isFinite && element.isFinite
          set(i, j, element)
        }
      }
    }
    return isFinite
  }

  private static let mostAttempts = 3

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

  /// Adapts the ratio of column `j`; whether its difference is nothing but rounding and must be taken anew.
  private func adapt(_ j: Int, _ f: StateVector) -> Bool {
    var (largest, scale) = (0.0, 0.0)
    for i in max(0, j - upper)...min(count - 1, j + lower) {
      let difference = abs(value.pointer[i] - f.pointer[i])
      if difference > largest {
        largest = difference
        scale = max(abs(value.pointer[i]), abs(f.pointer[i]))
      }
    }
    // A column of zeros is one, most likely.
    guard largest > 0, largest.isFinite else { return false }
    let isLost = largest < Self.rejected * scale
    if largest < Self.small * scale {
      ratios[j] = min(10 * ratios[j], 0.1)
    } else if largest > Self.big * scale {
      ratios[j] = max(0.1 * ratios[j], 1e3 * Self.unit)
    }
    return isLost
  }
}
