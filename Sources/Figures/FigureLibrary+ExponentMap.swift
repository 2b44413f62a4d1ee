extension FigureLibrary {
  /// A zero of `S` along gamma at one gamma', one of the stars of Figure 4.
  public struct ExponentZero: Equatable, Sendable {
    /// The zero of `S` along gamma.
    public var gamma: Double
    /// `gamma'`, at which it lies.
    public var gammaPrime: Double
    /// The standard error of `gamma`; `nil` if unknown.
    public var error: Double?

    /// A zero from its parts.
    public init(gamma: Double, gammaPrime: Double, error: Double?) {
      self.gamma = gamma
      self.gammaPrime = gammaPrime
      self.error = error
    }
  }

  /// The exponent `S` of `RD ~ m^S` (19) over the phase plane, with the theoretical boundary and the zeros found
  /// (Figures 4, 5 and 10).
  ///
  /// - Parameters:
  ///   - part: `w`, `a` or `θ`.
  ///   - exponents: `[gammaPrime.count][gamma.count]`; NaN where there is none.
  ///   - boundary: corners of the theoretical line.
  ///   - mixed: cells whose runs ended in different ways, so that their `S` says nothing.
  ///   - limit: the colours' reach; `nil`: the largest `|S|`.
  public static func exponentMap(
    part: String, gamma: [Double], gammaPrime: [Double], exponents: [[Double]], zeros: [ExponentZero],
    boundary: [(gamma: Double, gammaPrime: Double)], mixed: [(gamma: Double, gammaPrime: Double)] = [],
    title: FigureText = "", limit: Double? = nil
  ) -> Panel {
    let map = HeatMap(
      .symbol("S_{\(part)}"), x: gamma, y: gammaPrime, values: exponents, limit: limit)
    var series: [Series] = []
    if !boundary.isEmpty {
      series.append(
        Series(
          "theory", .line(width: 1.6, dash: .dashed), colour: .black, x: boundary.map(\.gamma),
          y: boundary.map(\.gammaPrime)))
    }
    if !zeros.isEmpty {
      let name: FigureText = .symbol("S_{\(part)}") + " = 0"
      series.append(
        Series(
          // Open, so that it does not hide a bar shorter than itself.
          name, .points(size: 1.7, marker: .openStar), colour: .black, x: zeros.map(\.gamma),
          y: zeros.map(\.gammaPrime), errors: .x(zeros.map { $0.error ?? .nan })))
    }
    if !mixed.isEmpty {
      series.append(
        Series(
          "some runs at rest on a plateau", .points(size: 0.6, marker: .cross), colour: .black,
          x: mixed.map(\.gamma),
          y: mixed.map(\.gammaPrime)))
    }
    var panel = Panel(
      title: title, x: Axis(.symbol("γ"), range: map.xRange), y: Axis(.gammaPrime, range: map.yRange),
      series: series, legend: .above)
    panel.heatMap = map
    return panel
  }
}
