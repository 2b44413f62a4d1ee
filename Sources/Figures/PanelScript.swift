import Foundation
import UntrustedNumbers

/// The gnuplot commands for one panel. Each one sets everything that another may have set.
struct PanelScript {
  let panel: Panel
  let view: PanelView
  let legend: LegendBox
  /// The legend of the whole figure, if this panel draws it.
  let sharedLegend: LegendBox?
  let place: FigureLayout.Rectangle
  let canvas: (width: Double, height: Double)
  /// Of the panel's first series in the data file.
  let firstIndex: Int
  /// Of the whole figure, if this panel draws it.
  let caption: [FigureText]

  private var map: HeatMapScript? {
    panel.heatMap.map { HeatMapScript(map: $0, place: place, canvas: canvas, index: firstIndex) }
  }

  var lines: [String] {
    [
      "set lmargin at screen \(place.left / canvas.width)",
      "set rmargin at screen \(place.right / canvas.width)",
      "set bmargin at screen \(place.bottom / canvas.height)",
      "set tmargin at screen \(place.top / canvas.height)",
      "unset label; unset arrow; unset logscale; unset object; unset colorbox",
      "set border 31 linewidth 0.8 linecolor rgb '#404040'",
      "set grid back linetype 1 linewidth 0.5 linecolor rgb '#E0E0E0'",
      "set tics in scale 0.8,0.4",
    ] + title + axis("x", panel.x, view.x) + axis("y", panel.y, view.y) + guides + annotations
      + captionLines + (map?.settings ?? []) + key + notices + plot
  }

  private var title: [String] {
    guard !panel.title.isEmpty else { return [] }
    let x = (place.left + place.right) / 2 / canvas.width
    let head = Double(legend.rowsAbove) * FigureLayout.legendRowHeight + 11
    let y = (place.top + head) / canvas.height
    return ["set label \(panel.title.quoted) at screen \(x),\(y) center front font ',12'"]
  }

  private func axis(_ letter: String, _ axis: Axis, _ range: ClosedRange<Double>) -> [String] {
    let most = letter == "x" ? (place.right - place.left) / 48 : (place.top - place.bottom) / 25
    let (ticks, exponent) = ticks(axis, range, most: max(3, Int(saturating: most)))
    let name =
      exponent == 0
      ? axis.label : axis.label + FigureText(markup: "  [10^{\(typographic("\(exponent)"))}]")
    var lines = [
      "set \(letter)range [\(range.lowerBound):\(range.upperBound)] noextend",
      "set format \(letter) '%h'",
      "set \(letter)tics nomirror (" + ticks.joined(separator: ", ") + ")",
    ]
    if axis.scale == .log { lines.append("set logscale \(letter)") }
    if letter == "x" {
      lines.append("set xlabel \(name.quoted) offset 0,0.3")
    } else if !name.isEmpty {
      // A label at a place of its own: gnuplot would set it by the width of the numbers, so that panels
      // above each other would differ.
      let x = (place.left - FigureLayout.labelDistance) / canvas.width
      let y = (place.bottom + place.top) / 2 / canvas.height
      lines.append("set label \(name.quoted) at screen \(x),\(y) center rotate by 90 front")
    }
    return lines
  }

  private func ticks(
    _ axis: Axis, _ range: ClosedRange<Double>, most: Int
  ) -> (list: [String], exponent: Int) {
    func label(_ text: String) -> String { axis.ticks == .unlabelled ? "''" : "'\(text)'" }
    func linear() -> (list: [String], exponent: Int) {
      let linear = LinearTicks(range, most: most)
      let exponent = axis.ticks == .unlabelled ? 0 : linear.exponent
      return (linear.ticks.map { "\(label($0.label)) \($0.value)" }, exponent)
    }
    switch axis.ticks {
    case .automatic where axis.scale == .linear, .unlabelled where axis.scale == .linear:
      return linear()
    case .automatic, .unlabelled:
      let ticks = LogTicks(range).ticks
      guard ticks.filter(\.isMajor).count > 1 else {
        // A sliver of a decade.
        return linear()
      }
      return (ticks.map { "\(label($0.label)) \($0.value)" + ($0.isMajor ? "" : " 1") }, 0)
    case .pi:
      return (piTicks(range), 0)
    case .list(let ticks):
      return (
        ticks.filter { axis.canDraw($0.position) }.map { "\($0.label.quoted) \($0.position)" }, 0
      )
    }
  }

  /// Half turns and quarter turns inside the range.
  private func piTicks(_ range: ClosedRange<Double>) -> [String] {
    let slack = 1e-9
    let first = (range.lowerBound / (.pi / 2) - slack).rounded(.up)
    let last = (range.upperBound / (.pi / 2) + slack).rounded(.down)
    guard last - first >= 0, last - first < 100, abs(last) < 1e9 else { return [] }
    return (Int(saturating: first)...Int(saturating: last)).map { k in
      let sign = k < 0 ? "−" : ""
      let n = abs(k)
      let label =
        switch (n, n % 2) {
        case (0, _): "0"
        case (1, _): "\(sign)π/2"
        case (2, _): "\(sign)π"
        case (_, 0): "\(sign)\(n / 2)π"
        default: "\(sign)\(n)π/2"
        }
      return "'\(label)' \(Double(k) * .pi / 2)"
    }
  }

  private var guides: [String] {
    panel.guides.compactMap { guide in
      let ends: String
      switch guide {
      case .horizontal(let y) where panel.y.canDraw(y) && view.y.contains(y):
        ends = "from graph 0, first \(y) to graph 1, first \(y)"
      case .vertical(let x) where panel.x.canDraw(x) && view.x.contains(x):
        ends = "from first \(x), graph 0 to first \(x), graph 1"
      default: return nil
      }
      return "set arrow \(ends) nohead back linewidth 0.9 linecolor rgb '#8A8A8A'"
    }
  }

  private var annotations: [String] {
    panel.annotations.filter { panel.x.canDraw($0.x) && panel.y.canDraw($0.y) }.flatMap { words in
      let label =
        "set label \(words.text.quoted) at first \(words.x), first \(words.y) \(words.alignment.rawValue) "
        + "rotate by \(words.rotation) front font ',\(words.size)' textcolor rgb "
      let halo = words.halo.map { colour in
        // Not gnuplot's text boxes: in SVG these are always white.
        (0..<12).map { i in
          let angle = Double(i) * .pi / 6
          return label + "'\(colour.gnuplot())' offset \(0.5 * cos(angle)),\(0.22 * sin(angle))"
        }
      }
      return (halo ?? []) + [label + "'\(words.colour.gnuplot())'"]
    }
  }

  private var captionLines: [String] {
    caption.reversed().enumerated().map { i, line in
      let y = (Double(i) * FigureLayout.captionRowHeight + 11) / canvas.height
      return "set label \(line.quoted) at screen 0.5,\(y) center front font ',10'"
    }
  }

  private var key: [String] {
    let legend = sharedLegend ?? legend
    let title = panel.legendTitle.isEmpty ? "" : " title \(panel.legendTitle.quoted)"
    let style = "Left reverse samplen 2.6 spacing 1.1 font ',10'" + title
    switch legend.placement {
    case .hidden, .automatic: return ["set key default", "set key off"]
    case .topLeft: return ["set key default", "set key inside top left \(style)"]
    case .topRight: return ["set key default", "set key inside top right \(style)"]
    case .bottomLeft: return ["set key default", "set key inside bottom left \(style)"]
    case .bottomRight: return ["set key default", "set key inside bottom right \(style)"]
    case .above:
      let x = sharedLegend == nil ? (place.left + place.right) / 2 / canvas.width : 0.5
      let y =
        sharedLegend == nil
        ? (place.top + 3) / canvas.height
        : 1 - Double(legend.rowsAbove) * FigureLayout.legendRowHeight / canvas.height
      return [
        "set key default",
        // Rows, not columns: with columns gnuplot keeps to its own estimate of the width.
        "set key at screen \(x),\(y) center bottom vertical maxrows \(legend.rowsAbove - (panel.legendTitle.isEmpty ? 0 : 1)) \(style)",
      ]
    }
  }

  private var notices: [String] {
    view.drawable.contains { $0 > 0 } || panel.heatMap != nil
      ? [] : ["set label 'no data' at graph 0.5,0.5 center front textcolor rgb '#8A8A8A'"]
  }

  private var plot: [String] {
    var clauses = map.map { [$0.clause] } ?? []
    let firstSeries = firstIndex + clauses.count
    let placement = (sharedLegend ?? legend).placement
    var colours = 0
    for (i, series) in panel.series.enumerated() {
      let colour = series.colour ?? Colour.palette[colours % Colour.palette.count]
      if series.colour == nil { colours += 1 }
      if view.drawable[i] > 0 {
        // First, as gnuplot leaves a hole around the middle of the bar.
        if let errors = series.errors {
          let bars = if case .x = errors { "xerrorbars" } else { "yerrorbars" }
          clauses.append(
            "data index \(firstSeries + i) using 1:2:3 with \(bars) pointtype 7 pointsize 0 linewidth 0.9 "
              + "linecolor rgb '\(colour.gnuplot(opacity: series.opacity))' notitle")
        }
        clauses.append(
          "data index \(firstSeries + i) using \(columns(series.style)) with "
            + style(series.style, colour.gnuplot(opacity: series.opacity), inLegend: false)
            + " notitle")
      }
      if !series.name.isEmpty && placement != .hidden {
        let suffix: FigureText = view.drawable[i] > 0 ? "" : " (no data)"
        clauses.append(
          "keyentry with " + style(series.style, colour.gnuplot(opacity: series.opacity), inLegend: true)
            + " title \((series.name.shortened(most: legendLetters) + suffix).quoted)")
      }
    }
    // Draws the axes of a panel without data.
    if !view.drawable.contains(where: { $0 > 0 }) && map == nil { clauses.append("NaN notitle") }
    return ["plot " + clauses.joined(separator: ", \\\n  ")]
  }

  private var legendLetters: Int { (sharedLegend ?? legend).mostLetters }

  private func columns(_ style: Series.Style) -> String {
    if case .bars(let width) = style { return "1:2:(\(width))" }
    return "1:2"
  }

  private func style(_ style: Series.Style, _ colour: String, inLegend: Bool) -> String {
    let colour = "linecolor rgb '\(colour)'"
    return switch style {
    case .line(let width, let dash):
      "lines linewidth \(width) dashtype \(dash.gnuplot) \(colour)"
    case .points(let size, let marker):
      "points pointtype \(marker.gnuplot) pointsize \(inLegend ? max(size, 0.8) : size) \(colour)"
    case .linePoints(let width, let size, let dash, let marker):
      "linespoints linewidth \(width) dashtype \(dash.gnuplot) pointtype \(marker.gnuplot) pointsize \(size) \(colour)"
    case .bars:
      "boxes fillstyle solid 1.0 noborder \(colour)"
    case .region:
      "filledcurves closed fillstyle solid 1.0 noborder \(colour)"
    case .outline:
      inLegend ? "lines linewidth 1.6 \(colour)" : "histeps linewidth 1.6 \(colour)"
    }
  }
}

extension Series.Marker {
  /// The number that the svg and cairo terminals give this shape.
  fileprivate var gnuplot: String {
    switch self {
    case .star: "'★'"
    case .openStar: "'☆'"
    default: "\(number)"
    }
  }

  private var number: Int {
    switch self {
    case .star, .openStar: 3
    case .circle: 7
    case .square: 5
    case .triangle: 9
    case .diamond: 13
    case .triangleDown: 11
    case .openCircle: 6
    case .openSquare: 4
    case .openTriangle: 8
    case .openDiamond: 12
    case .cross: 2
    }
  }
}

extension Series.Dash {
  fileprivate var gnuplot: Int { rawValue + 1 }
}
