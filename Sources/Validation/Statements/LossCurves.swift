import Figures
import GradientFlow
import Studies

/// Measured and predicted loss of the first seed at the largest width, a panel for each place.
enum LossCurves {
  static func figure(_ context: ValidationContext, rateFactor: Double) throws -> Figure {
    let width = context.widths.last!
    let panels = try context.settings.points.map { point in
      let configuration = context.configuration(point, width: width, seed: context.settings.seeds.values[0])
      return try panel(point, configuration, context, rateFactor)
    }
    return Figure(panels: panels, columns: min(3, panels.count))
  }

  private static func panel(
    _ point: PhasePoint, _ configuration: RunConfiguration, _ context: ValidationContext, _ rateFactor: Double
  ) throws -> Panel {
    let run = try context.result(configuration)
    let start = try RunStart(configuration, context.catalog)
    let initial = try start.modes(factor: rateFactor)
    let times = run.record["time"] ?? []
    var series = [
      Series("measured", .line(width: 4), colour: .skyBlue, x: times, y: run.record["loss"] ?? []),
      Series(
        .symbol("G") + " of the start", .line(dash: .dashed), colour: .black, x: times,
        y: times.map(initial.risk)),
    ]
    if let final = try FinalModes(run, start, configuration) {
      let late = times.filter { $0 >= final.begin }
      series.append(
        Series(
          .symbol("G") + " of the end", .line(width: 2.6, dash: .dotted), colour: .vermilion, x: late,
          y: late.map { final.modes.risk(at: $0 - final.begin) }))
    }
    // What a prediction says far below the last measurement would squeeze the curves together.
    let losses = (run.record["loss"] ?? []).filter { $0 > 0 }
    let range = losses.min().flatMap { low in losses.max().map { low / 3...max($0 * 3, low * 10) } }
    return Panel(
      title: .pair(point.gamma, point.gammaPrime) + ", " + .symbol("m") + " = "
        + .plain("\(configuration.width)"),
      x: Axis("time " + .symbol("t"), scale: .log),
      y: Axis("loss " + .symbol("R"), scale: .log, range: range), series: series)
  }
}
