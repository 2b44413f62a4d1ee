import Figures
import GradientFlow
import Studies

extension ExponentsStatement {
  /// One measured exponent beside the expected one.
  struct Compared {
    let point: PhasePoint
    let part: TrainingRun.Part
    let fit: PowerLawFit
    let expected: Double
    let isJudged: Bool
  }

  /// How far measured exponents are from the expected ones, with their 95 % intervals: a panel for each part of the parameters, a
  /// mark for each place; grey lines at the tolerance.
  static func figure(_ compared: [Compared], tolerance: Double) -> Figure {
    var places: [PhasePoint] = []
    for one in compared where !places.contains(one.point) { places.append(one.point) }
    let panels = TrainingRun.Part.allCases.map { part in
      Panel(
        x: Axis("expected " + .symbol("S_\(part.symbol)")), y: Axis("measured − expected"),
        series: places.enumerated().map { i, place in
          let shown = compared.filter { $0.part == part && $0.point == place }
          return Series(
            .plain(place.label + (shown.allSatisfy(\.isJudged) ? "" : ", no verdict")),
            .points(size: 0.9, marker: Series.Marker.allCases[i % 10]), x: shown.map(\.expected),
            y: shown.map { $0.fit.exponent - $0.expected }, errors: .y(shown.map(\.fit.margin)))
        }, legend: .above, guides: [.horizontal(0), .horizontal(tolerance), .horizontal(-tolerance)])
    }
    return Figure(panels: panels, columns: panels.count)
  }
}
