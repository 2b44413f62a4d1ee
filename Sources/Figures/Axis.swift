/// One axis of a panel.
public struct Axis: Equatable, Sendable {
  public enum Scale: String, Equatable, Sendable {
    case linear
    /// Decimal logarithm. Values below 1e-300, negative and NaN ones cannot be drawn: such points are left out, a line
    /// is broken there; see ``WrittenFigure/omittedPoints``.
    case log
  }

  public enum Ticks: Equatable, Sendable {
    case automatic
    /// The same without numbers, above a panel that has them.
    case unlabelled
    /// Every quarter turn, named by multiples of pi.
    case pi
    /// Exactly these, with these labels.
    case list([Tick])
  }

  public struct Tick: Equatable, Sendable {
    public let position: Double
    public let label: FigureText

    public init(_ position: Double, _ label: FigureText) {
      self.position = position
      self.label = label
    }
  }

  public var label: FigureText
  public var scale: Scale
  /// `nil`: from the data, with a margin.
  public var range: ClosedRange<Double>?
  public var ticks: Ticks

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
