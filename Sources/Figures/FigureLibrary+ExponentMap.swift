extension FigureLibrary {
  /// A zero of `S` along gamma at one gamma', one of the stars of Figure 4.
  public struct BoundaryPoint: Equatable, Sendable {
    public var gamma: Double
    public var gammaPrime: Double
    /// The standard error of `gamma`; `nil` if unknown.
    public var error: Double?

    public init(gamma: Double, gammaPrime: Double, error: Double?) {
      self.gamma = gamma
      self.gammaPrime = gammaPrime
      self.error = error
    }
  }

  /// A line between two regimes in the plane of gamma and gamma'.
  public enum TheoreticalBoundary: Sendable {
    /// `gamma = 1` for `gamma' <= 0`, `gamma' = gamma - 1` above: where the input weights' `S_w` changes sign (Theorems 6
    /// and 8).
    case inputWeights
    /// `gamma = 1` throughout: all parameters (Figure 10).
    case allParameters

    /// Corners inside `gammaPrime`.
    func corners(_ gammaPrime: ClosedRange<Double>) -> (gamma: [Double], gammaPrime: [Double]) {
      let (low, high) = (gammaPrime.lowerBound, gammaPrime.upperBound)
      switch self {
      case .inputWeights where high > 0 && low < 0: return ([1, 1, 1 + high], [low, 0, high])
      case .inputWeights where low >= 0: return ([1 + low, 1 + high], [low, high])
      default: return ([1, 1], [low, high])
      }
    }
  }

  /// The exponent `S` of `RD ~ m^S` (19) over the phase plane, with the theoretical boundary and the zeros found
  /// (Figures 4, 5 and 10).
  ///
  /// - Parameters:
  ///   - part: `w`, `a` or `θ`.
  ///   - exponents: `[gammaPrime.count][gamma.count]`; NaN where there is none.
  ///   - limit: the colours' reach; `nil`: the largest `|S|`.
  public static func exponentMap(
    part: String, gamma: [Double], gammaPrime: [Double], exponents: [[Double]], zeros: [BoundaryPoint],
    boundary: TheoreticalBoundary?, title: FigureText = "", limit: Double? = nil
  ) -> Panel {
    let map = HeatMap(
      .symbol("S_{\(part)}"), x: gamma, y: gammaPrime, values: exponents, limit: limit)
    var series: [Series] = []
    if let boundary, let range = map.yRange {
      let line = boundary.corners(range)
      series.append(
        Series("theory", .line(width: 1.6, dash: .dashed), colour: .black, x: line.gamma, y: line.gammaPrime))
    }
    if !zeros.isEmpty {
      let name: FigureText = .symbol("S_{\(part)}") + " = 0"
      series.append(
        Series(
          name, .points(size: 1.2, marker: .star), colour: .black, x: zeros.map(\.gamma),
          y: zeros.map(\.gammaPrime), errors: .x(zeros.map { $0.error ?? .nan })))
    }
    var panel = Panel(
      title: title, x: Axis(.symbol("γ"), range: map.xRange), y: Axis(.symbol("γ") + "′", range: map.yRange),
      series: series, legend: .above)
    panel.heatMap = map
    return panel
  }
}
