import Figures

/// The pictures of a system's run: the recorded columns over time, and the orbit in the planes of the first three.
struct SystemPictures: RunPictures {
  /// Columns beyond these are not drawn.
  private static let mostDrawn = 6

  func figures(of run: FinishedRun, warn: (String) -> Void) -> [(name: String, figure: Figure)] {
    let names = run.record.columns.filter { $0 != "time" }
    var figures: [(String, Figure)] = []
    if !names.isEmpty { figures.append(("trajectory", trajectory(run, names))) }
    if names.count >= 2 { figures.append(("orbit", orbit(run, names))) }
    return figures
  }

  private func trajectory(_ run: FinishedRun, _ names: [String]) -> Figure {
    let times = run.record["time"] ?? []
    let isLogarithmic = Self.spansDecades(times)
    let shown = names.prefix(Self.mostDrawn)
    let title =
      run.label + (shown.count < names.count ? ", the first \(shown.count) of \(names.count) columns" : "")
    return Figure(
      panels: shown.enumerated().map { i, name in
        Panel(
          title: i == 0 ? .plain(title) : "",
          x: Axis(
            i == shown.count - 1 ? "time " + .symbol("t") : "", scale: isLogarithmic ? .log : .linear,
            ticks: i == shown.count - 1 ? .automatic : .unlabelled),
          y: Axis(.plain(name)),
          series: [Series("", .line(width: 1.4), x: times, y: run.record[name] ?? [])])
      }, columns: 1, panelSize: Figure.Size(width: 400, height: 100))
  }

  /// Whether most rows lie in the first hundredth of the time: what happens there shows on a logarithmic axis only.
  private static func spansDecades(_ times: [Double]) -> Bool {
    guard times.first == 0, let end = times.last, end > 0, times.count > 20 else { return false }
    return 2 * times.count(where: { $0 < 0.01 * end }) > times.count
  }

  private func orbit(_ run: FinishedRun, _ names: [String]) -> Figure {
    let pairs = names.count == 2 ? [(0, 1)] : [(0, 1), (0, 2), (1, 2)]
    func values(_ i: Int) -> [Double] { run.record[names[i]] ?? [] }
    var figure = Figure(
      panels: pairs.map { i, j in
        Panel(
          title: .plain(run.label), x: Axis(.plain(names[i])), y: Axis(.plain(names[j])),
          series: [
            Series("", .line(width: 0.8), x: values(i), y: values(j)),
            Series(
              "", .points(size: 1.1, marker: .openCircle), colour: .black, x: Array(values(i).prefix(1)),
              y: Array(values(j).prefix(1))),
          ])
      }, columns: pairs.count, panelSize: Figure.Size(width: 220, height: 200))
    figure.caption = ["Circle: the start."]
    return figure
  }
}
