/// The gnuplot commands for the cells of a panel and their colour bar.
struct HeatMapScript {
  let map: HeatMap
  let place: FigureLayout.Rectangle
  let canvas: (width: Double, height: Double)
  /// Of the cells in the data file.
  let index: Int

  /// Before the plot command.
  var settings: [String] {
    let shown = map.shown
    let colours = map.colours(over: shown).map { "\($0.place) '\($0.colour.hexadecimal)'" }
    let ticks = LinearTicks(shown, most: 9).ticks.map { "'\($0.label)' \($0.value)" }
    let barLeft = place.right + 10
    let labelX = (barLeft + FigureLayout.colourBarWidth + 52) / canvas.width
    let labelY = (place.bottom + place.top) / 2 / canvas.height
    return [
      "set palette defined (\(colours.joined(separator: ", ")))",
      "set cbrange [\(shown.lowerBound):\(shown.upperBound)]",
      "set cbtics scale 0.5 (\(ticks.joined(separator: ", ")))",
      "set colorbox vertical user origin screen \(barLeft / canvas.width),\(place.bottom / canvas.height) "
        + "size screen \(FigureLayout.colourBarWidth / canvas.width),\((place.top - place.bottom) / canvas.height)",
      "set label \(map.label.quoted) at screen \(labelX),\(labelY) center rotate by 90 front",
      "set object rectangle from graph 0,0 to graph 1,1 behind fillcolor rgb '#D9D9D9' fillstyle solid noborder",
      "unset grid",
    ]
  }

  /// A clause of the plot command.
  var clause: String {
    // A border of the cell's own colour, or thin lines of the background show between cells.
    "data index \(index) using 1:2:3:4:5:6:7 notitle with boxxyerror linewidth 0.3 linecolor palette "
      + "fillstyle solid 1.0 border"
  }
}
