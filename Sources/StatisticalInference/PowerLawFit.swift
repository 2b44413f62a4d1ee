import Foundation

/// A power law `y = c x^p`, fitted by ordinary least squares in `(log x, log y)`: the slope is `S` of (19) when `x`
/// is the width and `y` a relative distance.
///
/// With `u = log x`, `v = log y`, `N` points and residuals `r` of the line:
///
///     p = sum (u - mean u)(v - mean v) / Suu,   Suu = sum (u - mean u)^2
///     s^2 = sum r^2 / (N - 2),   error of p = s / sqrt(Suu)
///
/// The errors assume independent residuals of equal variance. They tell of scatter between seeds and of departure from
/// a power law alike, but not of what another range of `x` would give.
public struct PowerLawFit: Equatable, Sendable, Codable {
  /// `p`.
  public let exponent: Double
  /// The standard error of `p`; `nil` with two points, through which any line goes.
  public let exponentError: Double?
  /// `log c`.
  public let logPrefactor: Double
  /// The standard error of `log c`.
  public let logPrefactorError: Double?
  /// The share of the variance of `log y` that the law explains; 1 if `y` is constant and met.
  public let rSquared: Double
  /// `N`.
  public let count: Int

  /// Fits `y = c x^p`.
  ///
  /// - Throws: ``PowerLawFitError`` if a value is not positive and finite, or all `x` are equal.
  public init(x: [Double], y: [Double]) throws {
    precondition(x.count == y.count)
    for (name, values) in [("x", x), ("y", y)] {
      if let i = values.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
        throw PowerLawFitError.notPositive(name: name, index: i, value: values[i])
      }
    }
    let (u, v) = (x.map { log($0) }, y.map { log($0) })
    let count = Double(u.count)
    let (meanU, meanV) = (u.reduce(0, +) / count, v.reduce(0, +) / count)
    let suu = u.reduce(0) { $0 + ($1 - meanU) * ($1 - meanU) }
    guard Set(x).count > 1 else { throw PowerLawFitError.tooFewPoints }
    let suv = zip(u, v).reduce(0) { $0 + ($1.0 - meanU) * ($1.1 - meanV) }
    let svv = v.reduce(0) { $0 + ($1 - meanV) * ($1 - meanV) }
    let slope = suv / suu
    let constant = meanV - slope * meanU
    let squares = zip(u, v).reduce(0) { sum, point in
      let r = point.1 - constant - slope * point.0
      return sum + r * r
    }
    exponent = slope
    logPrefactor = constant
    rSquared = svv > 0 ? 1 - squares / svv : 1
    self.count = u.count
    let variance = u.count > 2 ? squares / (count - 2) : nil
    exponentError = variance.map { ($0 / suu).squareRoot() }
    logPrefactorError = variance.map { ($0 * (1 / count + meanU * meanU / suu)).squareRoot() }
  }

  /// `c x^p`.
  public func value(at x: Double) -> Double { exp(logPrefactor + exponent * log(x)) }

  /// Where `p` lies with probability `level` under normal residuals: `p -+ t error`, with Student's `t` for `N - 2`
  /// degrees of freedom; `nil` where there is no error.
  public func confidenceInterval(_ level: Double = 0.95) -> ClosedRange<Double>? {
    exponentError.map {
      let half = StudentT.quantile(0.5 + level / 2, degreesOfFreedom: count - 2) * $0
      return exponent - half...exponent + half
    }
  }
}

/// Why no power law can be fitted.
public enum PowerLawFitError: Error, Equatable, CustomStringConvertible {
  /// A number of which there is no logarithm.
  case notPositive(name: String, index: Int, value: Double)
  /// Two points have no errors, and one no slope.
  case tooFewPoints

  public var description: String {
    switch self {
    case .notPositive(let name, let index, let value):
      "\(name)[\(index)] is \(value); a power law needs positive finite values"
    case .tooFewPoints: "a power law needs at least two different x"
    }
  }
}
