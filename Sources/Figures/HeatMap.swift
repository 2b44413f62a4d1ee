import UntrustedNumbers

/// Numbers on a rectangular grid, drawn as cells whose colours diverge from white at zero.
public struct HeatMap: Equatable, Sendable {
  /// Name of the colour bar.
  public var label: FigureText
  /// Centres of the cells, ascending.
  public let x: [Double]
  /// The same in the vertical direction.
  public let y: [Double]
  /// `[y.count][x.count]`; NaN where nothing is known: the cell is left grey.
  public let values: [[Double]]
  /// The colours reach from `-limit` to `limit`; beyond, the last colour stays. `nil`: the largest finite `|value|`.
  public var limit: Double?

  /// `values` has a row for each of `y` and in it a number for each of `x`.
  public init(_ label: FigureText, x: [Double], y: [Double], values: [[Double]], limit: Double? = nil) {
    precondition(values.count == y.count && values.allSatisfy { $0.count == x.count })
    precondition(zip(x, x.dropFirst()).allSatisfy(<) && zip(y, y.dropFirst()).allSatisfy(<))
    self.label = label
    self.x = x
    self.y = y
    self.values = values
    self.limit = limit
  }

  /// The outer edges of the cells; `nil` without cells.
  public var xRange: ClosedRange<Double>? { Self.range(Self.edges(x)) }
  /// The same in the vertical direction.
  public var yRange: ClosedRange<Double>? { Self.range(Self.edges(y)) }

  /// ColorBrewer's RdBu (Harrower and Brewer, 2003), which keeps its two ends apart for the colour blind: red below
  /// zero, blue above, as in the paper's Figure 4.
  public static let palette: [Colour] = [
    0x67001F, 0xB2182B, 0xD6604D, 0xF4A582, 0xFDDBC7, 0xF7F7F7, 0xD1E5F0, 0x92C5DE, 0x4393C3, 0x2166AC,
    0x053061,
  ].map { Colour($0) }

  struct Cell {
    let centre: (x: Double, y: Double)
    let x: ClosedRange<Double>
    let y: ClosedRange<Double>
    let value: Double
  }

  /// Row by row. Without any there is still one, of no size, since gnuplot counts only blocks with lines.
  var cells: [Cell] {
    let (left, bottom) = (Self.edges(x), Self.edges(y))
    let cells = y.indices.flatMap { j in
      x.indices.map { i in
        Cell(
          centre: (x[i], y[j]), x: left[i]...left[i + 1], y: bottom[j]...bottom[j + 1], value: values[j][i])
      }
    }
    return cells.isEmpty ? [Cell(centre: (0, 0), x: 0...0, y: 0...0, value: .nan)] : cells
  }

  /// The colours' reach, positive.
  var reach: Double {
    let largest = limit ?? values.joined().filter(\.isFinite).map(abs).max() ?? 1
    return largest > 0 ? largest : 1
  }

  /// The part of `-reach ... reach` that the colour bar shows: the values that occur, and zero.
  var shown: ClosedRange<Double> {
    guard limit == nil else { return -reach...reach }
    let finite = values.joined().filter(\.isFinite)
    let (low, high) = (min(0, finite.min() ?? -1), max(0, finite.max() ?? 1))
    return low < high ? low...high : -reach...reach
  }

  /// The palette's colours over a part of `-reach ... reach`, in gnuplot's order: ascending, from its lower end.
  func colours(over range: ClosedRange<Double>) -> [(place: Double, colour: Colour)] {
    let last = Self.palette.count - 1
    let values = Self.palette.indices.map { (2 * Double($0) / Double(last) - 1) * reach }
    let inner = zip(values, Self.palette).filter { range.lowerBound < $0.0 && $0.0 < range.upperBound }
    return [(range.lowerBound, colour(range.lowerBound))] + inner.map { ($0.0, $0.1) }
      + [(range.upperBound, colour(range.upperBound))]
  }

  /// The colour of a value, between the palette's two nearest.
  func colour(_ value: Double) -> Colour {
    let last = Double(Self.palette.count - 1)
    let place = max(0, min(last, (value / reach + 1) / 2 * last))
    let low = min(Int(last) - 1, Int(place))
    let mixed = [16, 8, 0].reduce(UInt32(0)) { sum, shift in
      func part(_ colour: Colour) -> Double { Double((colour.rgb >> UInt32(shift)) & 0xFF) }
      let (a, b) = (part(Self.palette[low]), part(Self.palette[low + 1]))
      let mixture = Int(saturating: a + (place - Double(low)) * (b - a) + 0.5)
      return sum | UInt32(mixture) << UInt32(shift)
    }
    return Colour(mixed)
  }

  /// Half way between neighbouring centres; the outermost cells are symmetric.
  private static func edges(_ centres: [Double]) -> [Double] {
    guard centres.count > 1 else { return centres.flatMap { [$0 - 0.5, $0 + 0.5] } }
    let inner = zip(centres, centres.dropFirst()).map { ($0 + $1) / 2 }
    return [2 * centres[0] - inner[0]] + inner + [2 * centres.last! - inner.last!]
  }

  private static func range(_ edges: [Double]) -> ClosedRange<Double>? {
    edges.isEmpty ? nil : edges.first!...edges.last!
  }
}

/// Words at a place in a panel.
public struct Annotation: Equatable, Sendable {
  /// Which end of the words is at the place.
  public enum Alignment: String, Equatable, Sendable {
    /// The words begin, are centred, or end at the place.
    case left, center, right
  }

  /// The words.
  public var text: FigureText
  /// On the panel's axes.
  public var x: Double
  /// On the panel's axes.
  public var y: Double
  /// Which end of the words is at the place.
  public var alignment: Alignment
  /// Of the letters.
  public var colour: Colour
  /// In points.
  public var size: Double
  /// Degrees, counterclockwise.
  public var rotation: Double
  /// Around the letters, so that what lies below does not run through them; `nil`: none.
  public var halo: Colour?

  /// Words from their parts.
  public init(
    _ text: FigureText, x: Double, y: Double, alignment: Alignment = .center, colour: Colour = .black,
    size: Double = 10, rotation: Double = 0,
    halo: Colour? = nil
  ) {
    self.text = text
    self.x = x
    self.y = y
    self.alignment = alignment
    self.colour = colour
    self.size = size
    self.rotation = rotation
    self.halo = halo
  }
}
