/// How pictures are written, whatever they show.
public struct FigureStyle: Equatable, Sendable {
  /// Of the whole picture, axes and words included, in points (1/72 inch); `nil`: as its panels ask for.
  public var width: Double?
  /// Of the whole figure, in points; `nil`: that of the figure.
  public var height: Double?

  /// Both sizes in points; `nil` keeps the figure's own.
  public init(width: Double? = nil, height: Double? = nil) { (self.width, self.height) = (width, height) }

  /// The style of everything that is drawn inside `FigureStyle.$current.withValue(...) { }`.
  @TaskLocal public static var current = FigureStyle()

  /// Panels narrower or lower than this have no room for their numbers.
  private static let least = Figure.Size(width: 110, height: 45)

  /// `figure` with panels such that the whole of it has this style's size, in fewer columns if need be. Letters keep
  /// their size.
  ///
  /// - Throws: ``FigureError/tooSmall(least:)`` if a panel would have no room.
  func fitted(_ figure: Figure) throws -> Figure {
    var figure = figure
    if let width {
      func panelWidth() -> Double {
        figure.panelSize.width + (width - FigureLayout.width(figure)) / Double(figure.columns)
      }
      while figure.columns > 1, panelWidth() < Self.least.width { figure.columns -= 1 }
      figure.panelSize.width = panelWidth()
    }
    if let height {
      // Twice: a legend may find a corner in a high panel, or none in a low one.
      for _ in 0..<2 { figure.panelSize.height += (height - Self.height(figure)) / Double(figure.rows) }
    }
    guard figure.panelSize.width >= Self.least.width, figure.panelSize.height >= Self.least.height else {
      var least = figure
      least.panelSize = Self.least
      throw FigureError.tooSmall(
        least: Figure.Size(width: FigureLayout.width(least), height: Self.height(least)))
    }
    return figure
  }

  private static func height(_ figure: Figure) -> Double {
    GnuplotScript(figure, name: "", formats: []).height
  }
}
