import UntrustedNumbers

/// Where each panel goes, in points from the lower left corner. All panels have the same size, so their
/// axes line up whatever their labels.
struct FigureLayout {
  struct Rectangle: Equatable {
    var left: Double
    var right: Double
    var bottom: Double
    var top: Double
  }

  static let leftMargin = 74.0
  /// Of the vertical axis' name from the axis; a label like 5x10^-3 lies between.
  static let labelDistance = 61.0
  static let rightMargin = 16.0
  static let bottomMargin = 44.0
  static let topMargin = 10.0
  static let titleHeight = 20.0
  static let legendRowHeight = 17.0
  static let captionRowHeight = 15.0
  /// Of a letter of the caption, on the average.
  static let captionLetterWidth = 5.8
  static let colourBarWidth = 12.0
  /// Right of a panel, for a colour bar with its numbers and name.
  static let colourBarMargin = 84.0

  let width: Double
  let height: Double
  let panels: [Rectangle]

  /// The width of a figure.
  static func width(_ figure: Figure) -> Double { cellWidth(figure) * Double(figure.columns) }

  /// The lines of the caption that fit into the figure.
  static func captionLines(_ figure: Figure) -> [FigureText] {
    figure.caption.flatMap { $0.wrapped(most: Int(saturating: (width(figure) - 24) / captionLetterWidth)) }
  }

  private static func cellWidth(_ figure: Figure) -> Double {
    let hasMap = figure.panels.contains { $0.heatMap != nil }
    return leftMargin + figure.panelSize.width + (hasMap ? colourBarMargin : rightMargin)
  }

  /// - Parameters:
  ///   - legendRows: rows of the legend above each panel, 0 if it is elsewhere.
  ///   - sharedRows: rows of the legend above all panels.
  init(_ figure: Figure, legendRows: [Int], sharedRows: Int = 0) {
    let size = figure.panelSize
    let cell = Self.cellWidth(figure)
    var tops: [Double] = []
    var total = Double(sharedRows) * Self.legendRowHeight
    for row in 0..<figure.rows {
      let members = figure.panels.indices.filter { $0 / figure.columns == row }
      let hasTitle = members.contains { !figure.panels[$0].title.isEmpty }
      let rows = Double(members.map { legendRows[$0] }.max() ?? 0)
      let head = Self.topMargin + (hasTitle ? Self.titleHeight : 0) + rows * Self.legendRowHeight
      tops.append(total + head)
      total += head + size.height + Self.bottomMargin
    }
    let lines = Self.captionLines(figure).count
    if lines > 0 { total += Double(lines) * Self.captionRowHeight + 4 }
    height = total
    width = Self.width(figure)
    panels = figure.panels.indices.map { i in
      let left = Double(i % figure.columns) * cell + Self.leftMargin
      let top = total - tops[i / figure.columns]
      return Rectangle(left: left, right: left + size.width, bottom: top - size.height, top: top)
    }
  }
}
