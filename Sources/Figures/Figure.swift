/// A figure: a grid of panels, filled row by row. A value; ``FigureWriter`` makes files of it.
///
/// ```swift
/// var panel = Panel(title: "Loss", x: Axis("t", scale: .log), y: Axis("R", scale: .log))
/// panel.series = [Series("run 1", .line(), x: times, y: losses)]
/// try FigureWriter(folder: "out").write(Figure(panel), name: "loss")
/// ```
public struct Figure: Equatable, Sendable {
  /// Row by row, from the top left.
  public var panels: [Panel]
  /// Panels side by side; the last row may be short.
  public var columns: Int
  /// Size of the plotting area of each panel, in points (1/72 inch).
  public var panelSize: Size
  /// One legend for all panels, that of the first, at the top of the figure.
  public var sharesLegend = false
  /// Paragraphs below the panels, broken into lines that fit.
  public var caption: [FigureText] = []

  /// Width and height of a panel, in points.
  public struct Size: Equatable, Sendable {
    /// In points.
    public var width: Double
    /// In points.
    public var height: Double

    /// A size in points.
    public init(width: Double, height: Double) {
      self.width = width
      self.height = height
    }
  }

  /// `columns` and the lengths of `panelSize` are positive; there is at least one panel.
  public init(
    panels: [Panel], columns: Int, panelSize: Size = Size(width: 270, height: 200)
  ) {
    precondition(!panels.isEmpty && columns > 0 && panelSize.width > 0 && panelSize.height > 0)
    self.panels = panels
    self.columns = min(columns, panels.count)
    self.panelSize = panelSize
  }

  /// A figure of one panel.
  public init(_ panel: Panel, size: Size = Size(width: 360, height: 260)) {
    self.init(panels: [panel], columns: 1, panelSize: size)
  }

  /// Rows of panels.
  public var rows: Int { (panels.count + columns - 1) / columns }
}

/// One pair of axes and what is drawn on it.
public struct Panel: Equatable, Sendable {
  /// Above the panel; empty for none.
  public var title: FigureText
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// Drawn in this order, later ones on top.
  public var series: [Series]
  /// Where the names of the series stand.
  public var legend: LegendPlacement
  /// Above the names in the legend: what they are values of.
  public var legendTitle: FigureText = ""
  /// Lines across the whole panel, behind the data.
  public var guides: [Guide]
  /// Coloured cells, behind everything else.
  public var heatMap: HeatMap?
  /// Words at places of the panel, in front of the data.
  public var annotations: [Annotation] = []

  /// A panel from its parts.
  public init(
    title: FigureText = "", x: Axis, y: Axis, series: [Series] = [],
    legend: LegendPlacement = .automatic, guides: [Guide] = []
  ) {
    self.title = title
    self.x = x
    self.y = y
    self.series = series
    self.legend = legend
    self.guides = guides
  }

  /// Blocks of the data file that belong to this panel.
  var blockCount: Int { (heatMap == nil ? 0 : 1) + series.count }
}

/// A thin grey line at one value of one axis.
public enum Guide: Equatable, Sendable {
  /// At this value of the vertical axis.
  case horizontal(Double)
  /// At this value of the horizontal axis.
  case vertical(Double)
}

/// Where a panel's legend goes.
public enum LegendPlacement: Equatable, Sendable {
  /// In the corner of the panel that no data come near, or above the panel if each corner has some.
  /// With fewer than two named series there is no legend.
  case automatic
  /// In that corner.
  case topLeft, topRight, bottomLeft, bottomRight
  /// In rows between the title and the panel.
  case above
  /// No legend.
  case hidden
}
