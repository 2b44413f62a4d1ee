#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The dense output of a whole integration, kept to be evaluated later at any time: an ``Observer`` that asks each step for values at
/// as many points as make its polynomial.
///
/// A step's dense output is a polynomial of a degree no higher than the method's order, or 3 (``HermiteStep``). Its values at the
/// Chebyshev-Lobatto points of the step give it back, by the barycentric formula, up to rounding. Where a method's dense output is no
/// polynomial it is replaced by the one through these points.
///
/// Source: Berrut, Trefethen, *SIAM Review* 46 (2004) 501-517, doi:10.1137/S0036144502417715.
public final class DenseSolution: Observer {
  public let watchesSteps = true
  /// The ends of the steps, the first one's beginning included, in the order of integration.
  public private(set) var breakpoints: [Double] = []
  /// `N`.
  public let count: Int
  private let direction: Double
  private var degrees: [Int] = []
  /// Where each step's values begin in `values`: `degree + 1` states, one after the other.
  private var offsets: [Int] = []
  private var values: [Double] = []
  private let scratch: StateVector
  private static let lowestDegree = 3

  /// - Parameter problem: what is integrated.
  public init(_ problem: ODEProblem) {
    (direction, count) = (problem.direction, problem.system.dimension)
    breakpoints = [problem.initialTime]
    scratch = StateVector(count: count)
  }

  public func step(_ moment: Moment) throws {
    let degree = min(max(Self.lowestDegree, moment.statistics.lastOrder), Self.highestDegree)
    let (t0, width) = (moment.previousTime, moment.time - moment.previousTime)
    degrees.append(degree)
    offsets.append(values.count)
    breakpoints.append(moment.time)
    for j in 0..<degree {
      try scratch.withMutableSpan {
        try moment.interpolate(at: t0 + Self.point(j, degree) * width, into: &$0)
      }
      values.append(contentsOf: UnsafeBufferPointer(start: scratch.pointer, count: count))
    }
    moment.withState { y in for i in 0..<y.count { values.append(y[i]) } }
  }

  /// Writes the solution at `t` to `y`; beyond the interval the first and the last step's polynomials go on. Before the first step
  /// it traps.
  public func evaluate(at t: Double, into y: UnsafeMutableBufferPointer<Double>) {
    precondition(!degrees.isEmpty && y.count == count)
    let step = self.step(at: t)
    let (degree, offset) = (degrees[step], offsets[step])
    let s = (t - breakpoints[step]) / (breakpoints[step + 1] - breakpoints[step])
    if let j = (0...degree).first(where: { Self.point($0, degree) == s }) {
      for i in 0..<count { y[i] = values[offset + j * count + i] }
      return
    }
    for i in 0..<count { y[i] = 0 }
    var sum = 0.0
    for j in 0...degree {
      let weight = (j % 2 == 0 ? 1.0 : -1.0) * (j == 0 || j == degree ? 0.5 : 1) / (s - Self.point(j, degree))
      sum += weight
      for i in 0..<count { y[i] += weight * values[offset + j * count + i] }
    }
    if s >= 0, s <= 1 {
      for i in 0..<count { y[i] /= sum }
      return
    }
    // Beyond the step the quotient is unstable; the product form is not (Higham, IMA J. Numer. Anal. 24 (2004) 547-556,
    // doi:10.1093/imanum/24.4.547).
    var nodes = degree % 2 == 0 ? 0.5 : -0.5
    for j in 0...degree { nodes *= 4 * (s - Self.point(j, degree)) }
    for i in 0..<count { y[i] *= nodes / Double(4 * degree) }
  }

  /// Whether any step was taken.
  public var isEmpty: Bool { degrees.isEmpty }

  /// The step in which `t` lies; where two meet, the earlier one.
  private func step(at t: Double) -> Int {
    var (low, high) = (0, degrees.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if (t - breakpoints[middle + 1]) * direction <= 0 { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// Chebyshev-Lobatto point `j` of `[0, 1]`, from 0.
  private static func point(_ j: Int, _ degree: Int) -> Double {
    // sin^2 keeps the points symmetric about 1/2.
    j == degree ? 1 : points[degree][j]
  }

  private static let highestDegree = 15
  private static let points: [[Double]] = (0...highestDegree).map { degree in
    (0..<max(degree, 1)).map { j in
      let x = sin(Double.pi * Double(j) / Double(2 * max(degree, 1)))
      return x * x
    }
  }
}
