import Foundation

/// A least-squares line through `(t, log R)`, over a window at the end of the records.
///
/// Which records count: positive and finite ones, up to the first that is `1e-24` of the largest or
/// less, where rounding of the residuals takes over. Of these the window is
///
/// 1. the longest run of last records that the line follows within 2 % of `R` everywhere (found by
///    bisection on its beginning): an exponential is used from where it begins, faster modes that
///    still matter before it are left out, whether records lie evenly in time or in its logarithm;
/// 2. if not even the last four do so (noise, or no exponential yet), the records of the lower half
///    of the range of `log R`, at least the last four: then ``rSquared`` says how little it is worth.
public struct DecayFit: Equatable, Sendable {
  /// Which of the two.
  public enum Rule: String, Sendable {
    /// The first of the two.
    case exponential = "longest end of the run that is exponential within 2 %"
    /// Neither: the caller gave the window.
    case given = "given"
    /// The second.
    case lowerHalf = "lower half of the range of log R; not exponential within 2 %"
  }

  /// `-d log R / dt` of the line, in units of one over time.
  public let rate: Double
  /// The standard error of ``rate``, for independent residuals of the line with equal variance.
  public let rateError: Double
  /// 1 if all of the variation of `log R` is on the line; 1 also if there is no variation at all.
  public let rSquared: Double
  /// The window, from its first record to its last.
  public let start: Double
  /// See ``start``, in units of `t`.
  public let end: Double
  /// Records in the window.
  public let points: Int
  /// How the window was chosen.
  public let rule: Rule
  /// The window, to fit another curve over the same times.
  public var window: ClosedRange<Double> { start...end }

  static let fewest = 4
  static let tolerance = 0.02
  static let floor = 1e-24

  /// `nil` if fewer than four records count. `times` ascend.
  public init?(times: [Double], values: [Double]) {
    precondition(times.count == values.count)
    let largest = values.lazy.filter(\.isFinite).max() ?? 0
    let cut = values.firstIndex { $0 <= largest * Self.floor } ?? values.count
    let kept = (0..<cut).filter { values[$0].isFinite && times[$0].isFinite }
    guard kept.count >= Self.fewest else { return nil }
    let t = kept.map { times[$0] }
    let logs = kept.map { log(values[$0]) }

    func line(from i: Int) -> Line { Line(t[i...], logs[i...]) }
    func follows(from i: Int) -> Bool { line(from: i).largestDeviation <= Self.tolerance }

    let rule: Rule
    var begin = kept.count - Self.fewest
    if follows(from: begin) {
      rule = .exponential
      if follows(from: 0) {
        begin = 0
      } else {
        var fails = 0
        while begin - fails > 1 {
          let middle = (begin + fails) / 2
          if follows(from: middle) { begin = middle } else { fails = middle }
        }
      }
    } else {
      rule = .lowerHalf
      let middle = (logs.max()! + logs.last!) / 2
      let below = (logs.lastIndex { $0 > middle } ?? -1) + 1
      begin = min(begin, below)
    }
    self.init(line(from: begin), t[begin...], rule)
  }

  /// The line over the records with times in `window`; `nil` if fewer than three of them count.
  public init?(times: [Double], values: [Double], window: ClosedRange<Double>) {
    precondition(times.count == values.count)
    let kept = times.indices.filter { window.contains(times[$0]) && values[$0] > 0 && values[$0].isFinite }
    guard kept.count >= 3 else { return nil }
    let t = kept.map { times[$0] }
    self.init(Line(t[...], kept.map { log(values[$0]) }[...]), t[...], .given)
  }

  private init(_ line: Line, _ times: ArraySlice<Double>, _ rule: Rule) {
    rate = -line.slope
    rateError = line.slopeError
    rSquared = line.rSquared
    start = times.first!
    end = times.last!
    points = times.count
    self.rule = rule
  }

  /// The least-squares line through some points, centred first: times may be as large as 1e8 with
  /// small differences.
  private struct Line {
    let slope: Double
    let slopeError: Double
    let largestDeviation: Double
    let rSquared: Double

    init(_ x: ArraySlice<Double>, _ y: ArraySlice<Double>) {
      let count = Double(x.count)
      let xMean = x.reduce(0, +) / count
      let yMean = y.reduce(0, +) / count
      var xx = 0.0
      var xy = 0.0
      var yy = 0.0
      for (x, y) in zip(x, y) {
        xx += (x - xMean) * (x - xMean)
        xy += (x - xMean) * (y - yMean)
        yy += (y - yMean) * (y - yMean)
      }
      let slope = xx > 0 ? xy / xx : 0
      var largest = 0.0
      var unexplained = 0.0
      for (x, y) in zip(x, y) {
        let deviation = abs(y - yMean - slope * (x - xMean))
        largest = max(largest, deviation)
        unexplained += deviation * deviation
      }
      self.slope = slope
      largestDeviation = largest
      slopeError = xx > 0 && x.count > 2 ? (unexplained / (count - 2) / xx).squareRoot() : 0
      rSquared = yy > 0 ? 1 - unexplained / yy : 1
    }
  }
}
