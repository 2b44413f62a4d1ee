import Figures
import GradientFlow
import StatisticalInference
import Studies

extension ExponentsStatement {
  /// One measured exponent beside the expected one.
  struct Compared {
    let point: PhasePoint
    let part: ParameterPart
    let fit: PowerLawFit
    let expected: Double
    let isJudged: Bool

    var difference: Double { fit.exponent - expected }
  }

  /// How far measured exponents are from the expected ones, place by place, with their 95 % intervals; grey lines at the tolerance.
  static func figure(_ compared: [Compared], tolerance: Double) -> Figure {
    let places = compared.map(\.point).reduce(into: [PhasePoint]()) { if $0.last != $1 { $0.append($1) } }
    let offsets: [ParameterPart: Double] = [.w: -0.2, .a: 0, .theta: 0.2]
    func series(_ shown: [Compared], _ name: FigureText, _ marker: Series.Marker, _ colour: Colour?) -> Series
    {
      Series(
        name, .points(size: 1, marker: marker), colour: colour,
        x: shown.map { Double(places.firstIndex(of: $0.point)!) + offsets[$0.part]! },
        y: shown.map(\.difference), errors: .y(shown.map(\.fit.margin)))
    }
    let reach = compared.map { abs($0.difference) + $0.fit.margin }.reduce(2 * tolerance, max)
    var panel = Panel(
      x: Axis(
        PhasePoint.figureSymbol, range: -0.6...Double(places.count) - 0.4,
        ticks: .list(places.enumerated().map { Axis.Tick(Double($0), $1.figureLabel) })),
      y: Axis("{/:Italic S} − expected {/:Italic S}", range: -reach...reach), legend: .above,
      guides: [.horizontal(-tolerance), .horizontal(0), .horizontal(tolerance)])
    for (part, marker) in zip(ParameterPart.allCases, [Series.Marker.circle, .square, .triangle]) {
      let judged = compared.filter { $0.part == part && $0.isJudged }
      if !judged.isEmpty { panel.series.append(series(judged, .symbol("S_\(part.symbol)"), marker, nil)) }
    }
    let rest = compared.filter { !$0.isJudged }
    if !rest.isEmpty { panel.series.append(series(rest, "not judged", .cross, .grey)) }
    var figure = Figure(panel, size: .init(width: max(270, 90 * Double(places.count)), height: 230))
    figure.caption = [
      "Bars: 95 % intervals. Outer grey lines: the tolerance, ±" + .number(tolerance)
        + ", that is allowed beside them."
    ]
    return figure
  }
}
