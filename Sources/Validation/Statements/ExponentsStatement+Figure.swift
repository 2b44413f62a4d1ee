import Figures
import GradientFlow
import Studies

extension ExponentsStatement {
  /// One measured exponent beside the expected one.
  struct Compared {
    let point: PhasePoint
    let part: TrainingRun.Part
    let fit: PowerLawFit
    let expected: Double?
    let isJudged: Bool

    init(
      _ point: PhasePoint, _ part: TrainingRun.Part, _ fit: PowerLawFit, _ expected: Double?, isJudged: Bool
    ) {
      (self.point, self.part, self.fit, self.expected, self.isJudged) = (point, part, fit, expected, isJudged)
    }
  }

  /// Measured against expected, where both are; filled marks have a verdict.
  static func figure(_ compared: [Compared]) -> Figure {
    let shown = compared.filter { $0.expected != nil }
    let (low, high) = (shown.map { $0.expected! }.min()!, shown.map { $0.expected! }.max()!)
    let marks: [(TrainingRun.Part, Series.Marker, Series.Marker)] = [
      (.w, .circle, .openCircle), (.a, .square, .openSquare), (.theta, .triangle, .openTriangle),
    ]
    let palette = Colour.palette
    var series = [
      Series("equal", .line(width: 1.2, dash: .dashed), colour: .black, x: [low, high], y: [low, high])
    ]
    for (i, (part, filled, open)) in marks.enumerated() {
      for isJudged in [true, false] {
        let points = shown.filter { $0.part == part && $0.isJudged == isJudged }
        if points.isEmpty { continue }
        series.append(
          Series(
            .symbol("S_\(part.symbol)") + (isJudged ? "" : ", no verdict"),
            .points(size: 1.0, marker: isJudged ? filled : open), colour: palette[i],
            x: points.map { $0.expected! }, y: points.map(\.fit.exponent),
            errors: .y(points.map(\.fit.margin))))
      }
    }
    return Figure(
      Panel(
        x: Axis("expected exponent"), y: Axis("measured exponent, with its 95 % interval"), series: series,
        legend: .above))
  }
}
