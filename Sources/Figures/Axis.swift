/// One axis of a panel.
public struct Axis: Equatable, Sendable {
  /// How a value becomes a place on the axis.
  public enum Scale: String, Equatable, Sendable {
    /// Equal distances for equal differences.
    case linear
    /// Decimal logarithm. Values below 1e-300, negative and NaN ones cannot be drawn: such points are left out, a line
    /// is broken there; see ``WrittenFigure/omittedPoints``.
    case log
  }

  /// Where the axis has marks.
  public enum Ticks: Equatable, Sendable {
    /// At round numbers, as many as there is room for.
    case automatic
    /// The same without numbers, above a panel that has them.
    case unlabelled
    /// Every quarter turn, named by multiples of pi.
    case pi
    /// Exactly these, with these labels.
    case list([Tick])
  }

  /// A mark with its label.
  public struct Tick: Equatable, Sendable {
    /// The value at which the mark stands.
    public let position: Double
    /// What stands beside the mark.
    public let label: FigureText

    /// A mark at a value.
    public init(_ position: Double, _ label: FigureText) {
      self.position = position
      self.label = label
    }
  }

  /// The axis' name, with its unit.
  public var label: FigureText
  /// Linear or logarithmic.
  public var scale: Scale
  /// `nil`: from the data, with a margin.
  public var range: ClosedRange<Double>?
  /// The marks.
  public var ticks: Ticks

  /// An axis from its parts.
  public init(
    _ label: FigureText, scale: Scale = .linear, range: ClosedRange<Double>? = nil,
    ticks: Ticks = .automatic
  ) {
    self.label = label
    self.scale = scale
    self.range = range
    self.ticks = ticks
  }

  /// Whether `value` has a place on this axis, inside its range or not. A logarithmic one ends where doubles lose digits.
  func canDraw(_ value: Double) -> Bool { value.isFinite && (scale == .linear || value >= 1e-300) }
}
