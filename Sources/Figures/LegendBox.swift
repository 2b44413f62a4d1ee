import UntrustedNumbers

/// The room a panel's legend takes, estimated from the length of its texts.
struct LegendBox {
  let placement: LegendPlacement
  /// Above the panel: rows; else 0.
  let rowsAbove: Int
  /// The letters of a name for which there is room.
  let mostLetters: Int

  private static let letterWidth = 6.2
  private static let sampleWidth = 40.0
  private static let rowHeight = 16.0

  /// Above all panels of a figure of this width.
  init(above panel: Panel, width: Double) {
    let (count, entry) = Self.entries(panel)
    placement = .above
    mostLetters = Self.letters(in: width - 40)
    let columns = max(1, min(count, Int(saturating: (width - 40) / entry)))
    rowsAbove = (count + columns - 1) / columns + Self.titleRows(panel)
  }

  private static func letters(in width: Double) -> Int {
    Int(saturating: (width - sampleWidth) / letterWidth)
  }

  /// Whether a legend with this name is wider than a panel of this width.
  static func isTooLong(_ name: FigureText, width: Double) -> Bool {
    name.visibleLength > letters(in: width + 2 * FigureLayout.rightMargin)
  }

  private static func titleRows(_ panel: Panel) -> Int { panel.legendTitle.isEmpty ? 0 : 1 }

  private static func entries(_ panel: Panel) -> (count: Int, width: Double) {
    let names = panel.series.filter { !$0.name.isEmpty }.map { Double($0.name.visibleLength) }
    return (names.count, (names.max() ?? 0) * letterWidth + sampleWidth)
  }

  init(_ panel: Panel, _ view: PanelView, size: Figure.Size) {
    let (count, entry) = Self.entries(panel)
    placement = LegendCorner.resolve(
      panel, view, width: (entry + 8) / size.width,
      height: (Double(count + Self.titleRows(panel)) * Self.rowHeight + 12) / size.height)
    mostLetters = Self.letters(in: size.width + 2 * FigureLayout.rightMargin)
    // It is centred above the panel, and must not pass the figure's right edge.
    let columns = max(1, min(count, Int(saturating: (size.width + 2 * FigureLayout.rightMargin) / entry)))
    rowsAbove = placement == .above ? (count + columns - 1) / columns + Self.titleRows(panel) : 0
  }
}
