import UntrustedNumbers

/// Numbers to draw in a panel.
public struct Series: Equatable, Sendable {
  /// How the numbers are drawn.
  public enum Style: Equatable, Sendable {
    /// Joined by lines; the width in points.
    case line(width: Double = 1.8, dash: Dash = .solid)
    /// A mark at each; the size is relative to gnuplot's.
    case points(size: Double = 0.6, marker: Marker = .circle)
    /// Both.
    case linePoints(width: Double = 1.6, size: Double = 0.9, dash: Dash = .solid, marker: Marker)
    /// Filled bars of this width around `x`, from zero (log axis: from the lower end) to `y`.
    case bars(width: Double)
    /// The outline of such bars, adjacent ones joined.
    case outline
    /// The inside of the polygon with these corners.
    case region
  }

  /// The pattern of a line.
  public enum Dash: Int, Equatable, Sendable, CaseIterable {
    /// From unbroken to dash and dot by turns.
    case solid, dashed, dotted, dashDotted
  }

  /// Different in shape, so that colour is never the only mark.
  public enum Marker: Int, Equatable, Sendable, CaseIterable {
    /// The shape of a mark.
    case circle, square, triangle, diamond, triangleDown, openCircle, openSquare, openTriangle,
      openDiamond, cross, star, openStar
  }

  /// Half the length of the bar through each point, one number a point, in the unit of its axis. NaN: no bar.
  public enum Errors: Equatable, Sendable {
    /// Along the horizontal axis.
    case x([Double])
    /// Along the vertical axis.
    case y([Double])

    var halves: [Double] {
      switch self {
      case .x(let halves), .y(let halves): halves
      }
    }
  }

  /// The text in the legend; empty: none.
  public var name: FigureText
  /// How the numbers are drawn.
  public var style: Style
  /// `nil`: the next of ``Colour/palette``.
  public var colour: Colour?
  /// 0 (invisible) to 1.
  public var opacity: Double
  /// The abscissae.
  public let x: [Double]
  /// The ordinates, as many.
  public let y: [Double]
  /// Drawn with ``Style/points(size:marker:)`` and ``Style/linePoints(width:size:dash:marker:)``.
  public let errors: Errors?

  /// `x` and `y`, and the errors if there are any, have the same length, 0 included.
  public init(
    _ name: FigureText, _ style: Style, colour: Colour? = nil, opacity: Double = 1, x: [Double],
    y: [Double], errors: Errors? = nil
  ) {
    precondition(x.count == y.count && (0...1).contains(opacity))
    precondition(errors == nil || errors!.halves.count == x.count)
    self.name = name
    self.style = style
    self.colour = colour
    self.opacity = opacity
    self.x = x
    self.y = y
    self.errors = errors
  }
}

/// A colour of the screen.
public struct Colour: Equatable, Sendable {
  /// `0xRRGGBB`.
  public let rgb: UInt32

  /// A colour from the 24 bits of red, green and blue.
  public init(_ rgb: UInt32) { self.rgb = rgb & 0xFFFFFF }

  // Okabe and Ito, "Color Universal Design" (2008): which readers with any of the common forms of
  // colour blindness can distinguish.
  /// Black.
  public static let black = Colour(0x000000)
  /// Okabe and Ito's orange.
  public static let orange = Colour(0xE69F00)
  /// Okabe and Ito's sky blue.
  public static let skyBlue = Colour(0x56B4E9)
  /// Okabe and Ito's bluish green.
  public static let green = Colour(0x009E73)
  /// Okabe and Ito's yellow.
  public static let yellow = Colour(0xF0E442)
  /// Okabe and Ito's blue.
  public static let blue = Colour(0x0072B2)
  /// Okabe and Ito's vermilion.
  public static let vermilion = Colour(0xD55E00)
  /// Okabe and Ito's reddish purple.
  public static let purple = Colour(0xCC79A7)
  /// A middle grey, for what stays in the background.
  public static let grey = Colour(0x8A8A8A)

  /// For series in order. Without yellow, which is lost on white.
  public static let palette: [Colour] = [
    blue, vermilion, green, purple, orange, skyBlue, black,
  ]

  /// `#RRGGBB`.
  public var hexadecimal: String {
    let digits = String(rgb, radix: 16, uppercase: true)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// As gnuplot writes it: `#AARRGGBB`, where AA is the transparency.
  func gnuplot(opacity: Double = 1) -> String {
    let transparency = UInt32(saturating: (255 * (1 - opacity)).rounded())
    let value = String(transparency << 24 | rgb, radix: 16, uppercase: true)
    return "#" + String(repeating: "0", count: 8 - value.count) + value
  }
}
