import Foundation

extension FigureLibrary {
  /// The neurons of one network in a condensation map.
  public struct CondensationSample: Sendable {
    /// `m`.
    public var width: Int
    /// Of the network's neurons, or of some that stand for them.
    public var orientation: [Double]
    /// `|a_k| |w_k|` of each neuron.
    public var amplitude: [Double]
    /// The effective number of directions of the whole network; `nil` if unknown.
    public var directions: Double?

    /// Neurons of one width; both arrays have the same length.
    public init(width: Int, orientation: [Double], amplitude: [Double], directions: Double? = nil) {
      self.directions = directions
      self.width = width
      self.orientation = orientation
      self.amplitude = amplitude
    }
  }

  /// A box of a condensation map.
  public struct CondensationCell: Sendable {
    /// `gamma` of (14).
    public var gamma: Double
    /// `gamma'` of (14).
    public var gammaPrime: Double
    /// Of this place in the phase diagram, such as "linear".
    public var regime: String
    /// One for each width, ascending.
    public var samples: [CondensationSample]

    /// A cell of the phase diagram from its parts.
    public init(gamma: Double, gammaPrime: Double, regime: String, samples: [CondensationSample]) {
      self.gamma = gamma
      self.gammaPrime = gammaPrime
      self.regime = regime
      self.samples = samples
    }
  }

  /// Neurons of a condensation map are thinned to so many in each box and width, see ``representatives(of:most:)``.
  public static let maxCondensationPoints = 1500

  /// At most `most` neurons that stand for all: of each of `most / 2` equal parts, in order, the first and the one of the
  /// largest amplitude. An even choice alone would miss the few that hold the amplitude of a condensed network.
  public static func representatives(of amplitude: [Double], most: Int) -> [Int] {
    let count = amplitude.count
    if count <= most { return Array(0..<count) }
    let parts = max(1, most / 2)
    return (0..<parts).flatMap { part -> [Int] in
      let range = part * count / parts..<(part + 1) * count / parts
      let largest = range.max { amplitude[$0] < amplitude[$1] }!
      return most == 1 || largest == range.lowerBound ? [largest] : [range.lowerBound, largest]
    }
  }

  /// Amplitude against orientation of the trained neurons over the phase plane, widths overlaid (Figures 6 and 7):
  /// gamma to the right, gamma' upwards. Amplitudes are relative to the largest of each network, since they grow with
  /// the width in the condensed regime.
  public static func condensationMap(
    _ cells: [CondensationCell], orientation: Orientation = .angle, note: FigureText = ""
  ) -> Figure {
    let columns = Set(cells.map(\.gamma)).sorted()
    let rows = Set(cells.map(\.gammaPrime)).sorted(by: >)
    let widths = Set(cells.flatMap { $0.samples.map(\.width) }).sorted()
    var x = orientation.axis
    if case .projection = orientation {
      // Random directions in many dimensions are all nearly orthogonal to any given one.
      let largest = cells.flatMap { $0.samples.flatMap(\.orientation) }.map(abs).max() ?? 1
      x.range = -1.05 * largest...1.05 * largest
    }
    let panels = rows.enumerated().flatMap { j, gammaPrime in
      columns.enumerated().map { i, gamma in
        let cell = cells.first { $0.gamma == gamma && $0.gammaPrime == gammaPrime }
        var panel = condensationPanel(cell, gamma, gammaPrime, widths, x)
        if j < rows.count - 1 { panel.x.label = "" }
        if i > 0 { panel.y.label = "" }
        return panel
      }
    }
    var figure = Figure(
      panels: panels, columns: columns.count, panelSize: Figure.Size(width: 190, height: 120))
    figure.sharesLegend = true
    figure.caption =
      [
        "Amplitude relative to the largest of the network; in each box at most \(maxCondensationPoints) neurons of each "
          + "width: the first and the largest of equal parts."
      ].map { FigureText.plain($0) }
      + (cells.contains { $0.samples.contains { $0.directions != nil } }
        ? [.symbol("N") + ": effective number of directions, by width."] : []) + (note.isEmpty ? [] : [note])
    return figure
  }

  private static func condensationPanel(
    _ cell: CondensationCell?, _ gamma: Double, _ gammaPrime: Double, _ widths: [Int], _ x: Axis
  ) -> Panel {
    let styles: [(colour: Colour, marker: Series.Marker, size: Double)] = [
      (.blue, .circle, 0.42), (.vermilion, .triangle, 0.36), (.orange, .square, 0.24),
      (.green, .diamond, 0.3),
    ]
    let series = widths.enumerated().map { i, width -> Series in
      let sample = cell?.samples.first { $0.width == width }
      let largest = sample?.amplitude.max() ?? 1
      let kept = representatives(of: sample?.amplitude ?? [], most: maxCondensationPoints)
      let style = styles[i % styles.count]
      return Series(
        .symbol("m") + " = " + powerOfTen(width), .points(size: style.size, marker: style.marker),
        colour: style.colour, opacity: 0.6, x: kept.map { sample!.orientation[$0] },
        y: kept.map { largest > 0 ? sample!.amplitude[$0] / largest : 0 })
    }
    let numbers = (cell?.samples ?? []).sorted { $0.width < $1.width }.compactMap(\.directions)
    var panel = Panel(
      title: .pair(gamma, gammaPrime) + .plain(cell.map { "  (\($0.regime))" } ?? ""),
      x: x, y: Axis("relative amplitude", range: 0...(numbers.isEmpty ? 1.05 : 1.3)), series: series)
    if !numbers.isEmpty, let range = x.range {
      let text = numbers.map { String(format: $0 < 1000 ? "%.3g" : "%.0f", $0) }.joined(separator: ", ")
      panel.annotations = [
        Annotation(
          .symbol("N") + FigureText(markup: " = " + text), x: (range.lowerBound + range.upperBound) / 2,
          y: 1.17,
          size: 9)
      ]
    }
    return panel
  }

  /// `10^4`, `2.5 × 10^5`.
  static func powerOfTen(_ value: Int) -> FigureText {
    guard value >= 1000 else { return FigureText(markup: "\(value)") }
    let exponent = String(value).count - 1
    let mantissa = Double(value) / pow(10, Double(exponent))
    let power = "10^{\(exponent)}"
    return FigureText(markup: mantissa == 1 ? power : String(format: "%g", mantissa) + "×" + power)
  }
}
