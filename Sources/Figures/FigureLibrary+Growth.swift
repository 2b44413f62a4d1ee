import Foundation

extension FigureLibrary {
  /// Relative distances (16) of one family of networks over the width, and the power law through them (19).
  public struct Growth: Sendable {
    /// Its name in the legend.
    public var name: FigureText
    /// Widths; one for each distance, so several equal ones with several seeds. Of several the picture has the geometric mean and a band
    /// of one standard deviation of `log RD`.
    public var widths: [Double]
    /// RD at each width.
    public var distances: [Double]
    /// `S` and its standard error.
    public var exponent: Double
    /// The standard error of the slope; `nil` if it has none.
    public var exponentError: Double?
    /// `c` of `RD = c m^S`.
    public var prefactor: Double
    /// What scaling arguments give for `S`; `nil` to leave it out.
    public var expected: Double?

    /// The points of one line and its fit.
    public init(
      _ name: FigureText, widths: [Double], distances: [Double], exponent: Double, exponentError: Double?,
      prefactor: Double, expected: Double? = nil
    ) {
      self.expected = expected
      self.name = name
      self.widths = widths
      self.distances = distances
      self.exponent = exponent
      self.exponentError = exponentError
      self.prefactor = prefactor
    }

    var spread: LogarithmicSpread { LogarithmicSpread(x: widths, y: distances) }

    var slope: FigureText {
      let error = exponentError.map { " ± " + String(format: $0 < 0.0005 ? "%.0e" : "%.3f", $0) } ?? ""
      let beside = expected.map { String(format: " (expected %.2f)", $0 == 0 ? 0 : $0) } ?? ""
      let text = typographic(String(format: "%.3f", exponent) + error + beside)
      return (name.isEmpty ? "" : name + ": ") + "slope " + FigureText(markup: text)
    }
  }

  /// `RD` against `m` on logarithmic axes with the fitted lines, their slopes in the legend (Figure 3 (a) to (c)).
  /// Families on one another stay visible: their markers grow, open, one around the other. Where a width has several distances, one for
  /// each seed, the markers are at their geometric mean, in a band of one standard deviation of `log RD`.
  public static func distanceGrowth(_ families: [Growth], part: String = "w", title: FigureText = "") -> Panel
  {
    let series = families.enumerated().flatMap { i, family -> [Series] in
      let colour = Colour.palette[i % Colour.palette.count]
      let ends = [family.widths.min() ?? 1, family.widths.max() ?? 1]
      let spread = family.spread
      return (spread.isOfSeveral ? [spread.band(colour)] : []) + [
        Series(
          "", .line(width: 1.4, dash: Series.Dash.allCases[i % Series.Dash.allCases.count]), colour: colour,
          x: ends,
          y: ends.map { family.prefactor * pow($0, family.exponent) }),
        Series(family.slope, nested(i), colour: colour, x: spread.x, y: spread.mean),
      ]
    }
    var panel = Panel(
      title: title, x: widthAxis(families.flatMap(\.widths)),
      y: Axis(distanceLabel(part), scale: .log),
      series: series, legend: .above)
    // A constant stays a level line: at least half a decade.
    let values = series.flatMap(\.y).filter { $0 > 0 && $0.isFinite }
    if let low = values.min(), let high = values.max(), high / low < 3 {
      let middle = (low * high).squareRoot()
      panel.y.range = middle / 2...middle * 2
    }
    return panel
  }

  /// `m` on a logarithmic axis, whose ticks are the widths that were run, if they are few.
  public static func widthAxis(_ widths: some Sequence<Double>) -> Axis {
    let widths = Set(widths).sorted()
    return Axis(
      "width " + .symbol("m"), scale: .log,
      ticks: (2...6).contains(widths.count)
        ? .list(widths.map { .init($0, $0 < 10_000 ? .number($0) : powerOfTen(Int($0))) }) : .automatic)
  }

  /// Exponents of several families over gamma, with error bars (Figure 3 (d)).
  public static func exponentCurves(
    _ families: [(name: FigureText, gamma: [Double], exponents: [Double], errors: [Double?])],
    expected: [(gamma: [Double], exponents: [Double])] = [], part: String = "w", title: FigureText = ""
  ) -> Panel {
    // A single line is everyone's; of several each has its family's colour.
    var series = expected.enumerated().map { i, line in
      Series(
        i == 0 ? "scaling argument" : "", .line(width: 1.4, dash: .dashed),
        colour: expected.count == 1 ? .black : Colour.palette[i % Colour.palette.count], x: line.gamma,
        y: line.exponents)
    }
    series += families.enumerated().map { i, family in
      Series(
        family.name, nested(i), colour: Colour.palette[i % Colour.palette.count], x: family.gamma,
        y: family.exponents, errors: .y(family.errors.map { $0 ?? .nan }))
    }
    return Panel(
      title: title, x: Axis(.symbol("γ")), y: Axis(.symbol("S_{\(part)}")), series: series,
      guides: [.horizontal(0)])
  }

  /// The axis' name of a relative distance at the end of training.
  static func distanceLabel(_ part: String) -> FigureText {
    if part.hasPrefix("W") { return "RD(" + .symbol(part) + "^*)" }
    return part == "θ" ? "RD(" + .symbol("θ") + "^*)" : "RD(" + .symbol("θ") + "_{" + .symbol(part) + "}^*)"
  }

  private static func nested(_ i: Int) -> Series.Style {
    let markers: [Series.Marker] = [.circle, .openSquare, .openCircle, .openDiamond, .openTriangle]
    return .points(size: 0.55 + 0.45 * Double(i % markers.count), marker: markers[i % markers.count])
  }
}
