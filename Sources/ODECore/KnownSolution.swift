/// The solution of an initial value problem at one time, known from elsewhere.
public struct KnownSolution: Sendable {
  /// Where it is known.
  public let time: Double
  /// The components that are known, by their places in `y`; `nil`: all of them.
  public let components: [Int]?
  /// One for each of ``components``.
  public let values: [Double]
  /// The error of ``values``, by ``error(of:)``, that its source or a cross-check vouches for.
  public let accuracy: Double
  /// What a component smaller than this is measured by in place of itself; 0: each one by itself.
  public let floor: Double
  /// Where the values come from.
  public let source: String

  /// - Parameters: see the properties.
  public init(
    time: Double, values: [Double], components: [Int]? = nil, accuracy: Double, floor: Double = 0,
    source: String
  ) {
    precondition(components == nil || components!.count == values.count)
    (self.time, self.values, self.components) = (time, values, components)
    (self.accuracy, self.floor, self.source) = (accuracy, floor, source)
  }

  /// `max_i |y_i - v_i| / max(|v_i|, floor)`; absolute where that is zero.
  public func error(of y: [Double]) -> Double {
    precondition(components != nil || y.count == values.count)
    var worst = 0.0
    for (k, value) in values.enumerated() {
      let scale = max(abs(value), floor)
      let error = abs(y[components?[k] ?? k] - value) / (scale == 0 ? 1 : scale)
      if error.isNaN { return .nan }
      worst = max(worst, error)
    }
    return worst
  }
}
