/// The numbers of a figure as a text file: one block for each series of each panel, in order, two
/// blank lines between blocks (gnuplot's `index`), as many digits as it takes to read the same
/// double back. What cannot be drawn is kept as `NaN`, which breaks a line there.
enum DataFile {
  static func text(_ figure: Figure) -> String {
    var lines: [String] = []
    var index = 0
    for (p, panel) in figure.panels.enumerated() {
      if let map = panel.heatMap {
        if index > 0 { lines += ["", ""] }
        lines.append("# index \(index): panel \(p + 1), cells: \(comment(map.label))")
        lines.append("# x y x_low x_high y_low y_high value")
        lines += map.cells.map { cell in
          let (x, y) = (cell.x, cell.y)
          return [
            cell.centre.x, cell.centre.y, x.lowerBound, x.upperBound, y.lowerBound, y.upperBound, cell.value,
          ]
          .map { $0.isNaN ? "NaN" : "\($0)" }.joined(separator: " ")
        }
        index += 1
      }
      for (s, series) in panel.series.enumerated() {
        if index > 0 { lines += ["", ""] }
        lines.append("# index \(index): panel \(p + 1), series \(s + 1): \(comment(series.name))")
        lines.append(series.errors == nil ? "# x y" : "# x y error")
        // gnuplot counts only blocks that hold a line.
        if series.x.isEmpty { lines.append(series.errors == nil ? "NaN NaN" : "NaN NaN NaN") }
        for (i, (x, y)) in zip(series.x, series.y).enumerated() {
          let error = series.errors.map { $0.halves[i].isFinite ? " \($0.halves[i])" : " 0.0" } ?? ""
          lines.append("\(number(x, panel.x)) \(number(y, panel.y))\(error)")
        }
        index += 1
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func number(_ value: Double, _ axis: Axis) -> String {
    axis.canDraw(value) ? "\(value)" : "NaN"
  }

  private static func comment(_ text: FigureText) -> String {
    text.isEmpty ? "(no name)" : text.quoted
  }
}
