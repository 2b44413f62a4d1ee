import Foundation

extension FigureLibrary {
  /// A named curve.
  public struct Curve: Equatable, Sendable {
    /// Its name in the legend.
    public var name: FigureText
    /// The abscissae, ascending.
    public var x: [Double]
    /// The ordinates, as many.
    public var y: [Double]

    /// A named curve; both arrays have the same length.
    public init(_ name: FigureText, x: [Double], y: [Double]) {
      self.name = name
      self.x = x
      self.y = y
    }
  }

  /// The risk over time.
  ///
  /// - Parameters:
  ///   - fit: the fitted `R = exp(constant - rate t)` over its window, if there is one.
  ///   - timeScale: linear shows an exponential as a line, logarithmic the stages of a long run.
  public static func lossCurve(
    _ curves: [Curve], fit: Curve? = nil, timeScale: Axis.Scale = .log, title: FigureText = ""
  ) -> Panel {
    var series = lines(curves)
    if let fit {
      series.append(
        Series(fit.name, .line(width: 1.6, dash: .dashed), colour: .black, x: fit.x, y: fit.y))
    }
    return Panel(
      title: title, x: Axis("time " + .symbol("t"), scale: timeScale),
      y: Axis("loss " + .symbol("R"), scale: .log), series: series)
  }

  /// Relative distances from the start (16) over time, both axes logarithmic.
  ///
  /// - Parameter part: what moves: `w`, `a` or `θ`; empty if the curves' names tell.
  public static func relativeDistanceCurve(
    _ curves: [Curve], of part: FigureText = "", title: FigureText = ""
  ) -> Panel {
    Panel(
      title: title, x: Axis("time " + .symbol("t"), scale: .log),
      y: Axis("relative distance" + (part.isEmpty ? "" : " of " + part), scale: .log), series: lines(curves))
  }

  /// The orientation histogram of the observer `condensation`: bars for the end, an outline for the start.
  ///
  /// - Parameter centres: of equal bins, ascending.
  public static func condensationHistogram(
    centres: [Double], initialShares: [Double], finalShares: [Double],
    orientation: Orientation = .angle, title: FigureText = ""
  ) -> Panel {
    let width = centres.count > 1 ? centres[1] - centres[0] : 1
    return Panel(
      title: title, x: orientation.axis, y: Axis("share of amplitude"),
      series: [
        Series(
          "final", .bars(width: width), colour: finalColour, opacity: 0.85, x: centres,
          y: finalShares),
        Series("initial", .outline, colour: .blue, x: centres, y: initialShares),
      ])
  }

  /// What a method's runs cost and how accurate they were, one run for each tolerance.
  public struct WorkPrecision: Sendable {
    /// Its name in the legend.
    public var name: FigureText
    /// A word for each run, drawn beside its point; none if empty.
    public var labels: [FigureText]
    /// Wall-clock time in seconds, right-hand sides evaluated, and the error of the result.
    public var runs: [(seconds: Double, evaluations: Double, error: Double)]

    /// The runs of one method.
    public init(
      _ name: FigureText, labels: [FigureText] = [],
      runs: [(seconds: Double, evaluations: Double, error: Double)]
    ) {
      self.name = name
      self.labels = labels
      self.runs = runs
    }
  }

  /// Work-precision diagrams: error against cost, one panel for seconds and one for evaluations.
  public static func workPrecision(
    _ methods: [WorkPrecision], errorLabel: FigureText = "error", title: FigureText = ""
  ) -> Figure {
    func panel(
      _ label: FigureText, _ cost: (_ seconds: Double, _ evaluations: Double) -> Double
    ) -> Panel {
      var panel = workPrecision(
        series: methods.map { method in
          (method.name, method.runs.map { (cost($0.seconds, $0.evaluations), $0.error) })
        }, xLabel: label, yLabel: errorLabel, title: title)
      let costs = methods.flatMap(\.runs).map { cost($0.seconds, $0.evaluations) }.filter { $0 > 0 }
      let right = pow(costs.max() ?? 1, 0.85) * pow(costs.min() ?? 1, 0.15)
      for method in methods {
        for (label, run) in zip(method.labels, method.runs) {
          let x = cost(run.seconds, run.evaluations)
          // Beside the panel's edge there is room on one side only.
          let fits = x < right
          panel.annotations.append(
            Annotation(
              fits ? "  " + label : label + "  ", x: x, y: run.error, alignment: fits ? .left : .right,
              size: 7))
        }
      }
      return panel
    }
    var figure = Figure(
      panels: [
        panel("wall time [s]") { seconds, _ in seconds },
        panel("evaluations of the right-hand side") { _, evaluations in evaluations },
      ], columns: 2)
    // Long names have more room above both.
    figure.sharesLegend =
      methods.count > 1
      && methods.contains { LegendBox.isTooLong($0.name, width: figure.panelSize.width) }
    return figure
  }

  /// One such panel with any measure of cost.
  public static func workPrecision(
    series: [(name: FigureText, points: [(cost: Double, error: Double)])], xLabel: FigureText,
    yLabel: FigureText = "error", title: FigureText = ""
  ) -> Panel {
    let markers: [Series.Marker] = [
      .circle, .square, .triangle, .diamond, .triangleDown, .openCircle, .openSquare,
      .openTriangle, .openDiamond, .cross,
    ]
    return Panel(
      title: title, x: Axis(xLabel, scale: .log), y: Axis(yLabel, scale: .log),
      series: series.enumerated().map { i, item in
        Series(
          item.name, .linePoints(marker: markers[i % markers.count]), x: item.points.map(\.cost),
          y: item.points.map(\.error))
      })
  }

  /// Lines that differ in dash as well as in colour.
  private static func lines(_ curves: [Curve]) -> [Series] {
    curves.enumerated().map { i, curve in
      Series(
        curve.name, .line(dash: Series.Dash.allCases[i % Series.Dash.allCases.count]),
        x: curve.x, y: curve.y)
    }
  }
}
