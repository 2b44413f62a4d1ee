/// The numbers of a figure as a text file: one block for each series of each panel, in order, two
/// blank lines between blocks (gnuplot's `index`), as many digits as it takes to read the same
/// double back. What cannot be drawn is kept as `NaN`, which breaks a line there.
enum DataFile {
  static func text(_ figure: Figure) -> String {
    var lines: [String] = []
    var index = 0
    for (p, panel) in figure.panels.enumerated() {
      for (s, series) in panel.series.enumerated() {
        if index > 0 { lines += ["", ""] }
        lines.append("# index \(index): panel \(p + 1), series \(s + 1): \(comment(series.name))")
        lines.append("# x y")
        // gnuplot counts only blocks that hold a line.
        if series.x.isEmpty { lines.append("NaN NaN") }
        for (x, y) in zip(series.x, series.y) {
          lines.append("\(number(x, panel.x)) \(number(y, panel.y))")
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
