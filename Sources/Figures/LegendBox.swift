/// The room a panel's legend takes, estimated from the length of its texts.
struct LegendBox {
  let placement: LegendPlacement
  /// Above the panel: rows; else 0.
  let rowsAbove: Int

  private static let letterWidth = 6.2
  private static let sampleWidth = 40.0
  private static let rowHeight = 16.0

  init(_ panel: Panel, _ view: PanelView, size: Figure.Size) {
    let names = panel.series.filter { !$0.name.isEmpty }.map { Double($0.name.visibleLength) }
    let entry = (names.max() ?? 0) * Self.letterWidth + Self.sampleWidth
    placement = LegendCorner.resolve(
      panel, view, width: (entry + 8) / size.width,
      height: (Double(names.count) * Self.rowHeight + 12) / size.height)
    let columns = max(1, min(names.count, Int((size.width + FigureLayout.leftMargin) / entry)))
    rowsAbove = placement == .above ? (names.count + columns - 1) / columns : 0
  }
}
