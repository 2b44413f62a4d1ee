import UntrustedNumbers

/// The gnuplot script of a figure: complete in itself, to be run in the folder it lies in.
struct GnuplotScript {
  /// What the panels show; also tells what could not be drawn.
  let views: [PanelView]
  private let figure: Figure
  private let name: String
  private let formats: [FigureFormat]
  private let legends: [LegendBox]
  private let sharedLegend: LegendBox?
  private let layout: FigureLayout

  init(_ figure: Figure, name: String, formats: [FigureFormat]) {
    self.figure = figure
    self.name = name
    self.formats = formats
    views = figure.panels.map(PanelView.init)
    sharedLegend =
      figure.sharesLegend ? LegendBox(above: figure.panels[0], width: FigureLayout.width(figure)) : nil
    legends = zip(figure.panels, views).map { panel, view in
      var panel = panel
      if figure.sharesLegend { panel.legend = .hidden }
      return LegendBox(panel, view, size: figure.panelSize)
    }
    layout = FigureLayout(
      figure, legendRows: legends.map(\.rowsAbove), sharedRows: sharedLegend?.rowsAbove ?? 0)
  }

  /// Of the picture, in points.
  var height: Double { layout.height }

  var text: String {
    var lines = [
      "# Draws \(formats.map { "\(name).\($0.rawValue)" }.joined(separator: " and ")) from "
        + "\(name).dat; run \"gnuplot \(name).gp\" in this folder.",
      "reset",
      "set encoding utf8",
      "set datafile separator whitespace",
      "data = '\(name).dat'",
      "",
      "do for [format in \"\(formats.map(\.rawValue).joined(separator: " "))\"] {",
    ]
    let (width, height) = (Int(saturating: layout.width.rounded()), Int(saturating: layout.height.rounded()))
    for format in formats {
      lines += [
        "if (format eq \"\(format.rawValue)\") {",
        "  set terminal " + format.terminal(width: width, height: height, name: name),
        "}",
      ]
    }
    lines.append("set output '\(name).'.format")
    lines.append("set multiplot")
    var index = 0
    for i in figure.panels.indices {
      lines += ["", "# Panel \(i + 1)"]
      lines +=
        PanelScript(
          panel: figure.panels[i], view: views[i], legend: legends[i],
          sharedLegend: i == 0 ? sharedLegend : nil, place: layout.panels[i],
          canvas: (layout.width, layout.height), firstIndex: index,
          caption: i == 0 ? FigureLayout.captionLines(figure) : []
        ).lines
      index += figure.panels[i].blockCount
    }
    lines += ["", "unset multiplot", "unset output", "}"]
    return lines.joined(separator: "\n") + "\n"
  }
}

/// A kind of picture.
public enum FigureFormat: String, Sendable, CaseIterable {
  /// Scalable Vector Graphics.
  case svg
  /// Twice as many pixels each way as the picture has points.
  case png
  /// With its fonts inside, for papers.
  case pdf

  fileprivate func terminal(width: Int, height: Int, name: String) -> String {
    switch self {
    case .svg:
      "svg size \(width),\(height) enhanced font 'sans-serif,11' background rgb 'white' dashlength 0.6 name '\(identifier(name))'"
    case .png:
      "pngcairo size \(2 * width),\(2 * height) enhanced font 'sans-serif,11' fontscale 1.6 linewidth 2 "
        + "pointscale 2 dashlength 0.6 background rgb 'white'"
    case .pdf:
      "pdfcairo size \(Double(width) / 72),\(Double(height) / 72) enhanced font 'sans-serif,11' dashlength 0.6 "
        + "background rgb 'white'"
    }
  }

  /// The terminal uses its name in identifiers of a script language.
  private func identifier(_ name: String) -> String {
    String(name.map { $0.isLetter || $0.isNumber ? $0 : "_" })
  }
}
