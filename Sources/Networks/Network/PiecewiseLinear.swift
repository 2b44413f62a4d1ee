/// A continuous piecewise-linear function,
///
///     sigma(z) = slopes[0] z + offset + sum_j (slopes[j + 1] - slopes[j]) max(z - breakpoints[j], 0).
public struct PiecewiseLinear: Equatable, Sendable {
  /// Ascending.
  public let breakpoints: [Double]
  /// One more than breakpoints, from left to right.
  public let slopes: [Double]
  /// The leftmost piece at zero.
  public let offset: Double

  /// The numbers must be finite, and the breakpoints ascend.
  public init(breakpoints: [Double], slopes: [Double], offset: Double = 0) {
    precondition(
      slopes.count == breakpoints.count + 1, "\(slopes.count) slopes for \(breakpoints.count) breakpoints")
    precondition(zip(breakpoints, breakpoints.dropFirst()).allSatisfy { $0 < $1 }, "breakpoints must ascend")
    precondition((breakpoints + slopes + [offset]).allSatisfy(\.isFinite), "every number must be finite")
    self.breakpoints = breakpoints
    self.slopes = slopes
    self.offset = offset
  }

  /// ``Slopes`` as such a function.
  public init(_ slopes: Slopes) {
    self.init(
      breakpoints: slopes.negative == slopes.positive ? [] : [0],
      slopes: slopes.negative == slopes.positive ? [slopes.positive] : [slopes.negative, slopes.positive])
  }

  /// `sigma(z)`.
  public func callAsFunction(_ z: Double) -> Double {
    breakpoints.indices.reduce(slopes[0] * z + offset) {
      $0 + (slopes[$1 + 1] - slopes[$1]) * max(z - breakpoints[$1], 0)
    }
  }
}
