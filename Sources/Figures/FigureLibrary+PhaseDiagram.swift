extension FigureLibrary {
  /// A place in the phase diagram that has a name.
  public struct PhasePlace: Equatable, Sendable {
    /// What stands beside the place.
    public var name: String
    /// `gamma` of (14).
    public var gamma: Double
    /// `gamma'` of (14).
    public var gammaPrime: Double

    /// A named place.
    public init(_ name: String, gamma: Double, gammaPrime: Double) {
      self.name = name
      self.gamma = gamma
      self.gammaPrime = gammaPrime
    }
  }

  /// The initialisations of the paper's Table 1. E et al. are a line, `gamma = gamma' = log(1/beta) / log m`, on which
  /// their theorem holds for `beta = o(m^(-1/6))`.
  static let namedInitializations = [
    PhasePlace("LeCun, He", gamma: 0.5, gammaPrime: 0.5),
    PhasePlace("NTK", gamma: 0.5, gammaPrime: 0),
    PhasePlace("Xavier, mean-field", gamma: 1, gammaPrime: 0),
  ]

  private static let panelWidth = 400.0
  private static let linearColour = Colour(0xFBE3D6)
  private static let condensedColour = Colour(0xDCEBF7)

  /// The schematic phase diagram (Figure 1): regimes, their boundary, the methods of Table 1, and the user's own runs.
  ///
  /// - Parameters:
  ///   - runs: those that are not finite are left out; those at one place share a mark.
  ///   - scan: the cells of a sweep, drawn as dots.
  public static func phaseDiagram(
    runs: [PhasePlace] = [], scan: [(gamma: Double, gammaPrime: Double)] = [], title: FigureText = ""
  ) -> Figure {
    let runs = runs.filter { $0.gamma.isFinite && $0.gammaPrime.isFinite }
    let gamma = range(0...2, of: runs.map(\.gamma) + scan.map(\.gamma))
    let gammaPrime = range(-1...1, of: runs.map(\.gammaPrime) + scan.map(\.gammaPrime))
    var panel = Panel(
      title: title, x: Axis(.symbol("γ"), range: gamma), y: Axis(.gammaPrime, range: gammaPrime),
      series: regions(gamma, gammaPrime) + methods(gamma, gammaPrime) + cells(scan), legend: .above)
    panel.annotations = regimeNames(gamma, gammaPrime, around: scan.map(\.gammaPrime))
    panel.annotations += namedInitializations.map { methodLabel($0, gamma, gammaPrime) }
    if !runs.isEmpty {
      let groups = grouped(runs)
      panel.series.append(
        Series(
          runs.count == 1 ? "this run" : "these runs", .points(size: 1.5, marker: .star), colour: .purple,
          x: groups.map(\.gamma), y: groups.map(\.gammaPrime)))
      panel.annotations += groups.map { runLabel($0, gamma, gammaPrime) }
    }
    return Figure(panel, size: Figure.Size(width: panelWidth, height: 330))
  }

  /// `usual`, made larger so that all values lie well inside.
  private static func range(_ usual: ClosedRange<Double>, of values: [Double]) -> ClosedRange<Double> {
    let low = min(usual.lowerBound, (values.min() ?? usual.lowerBound) - 0.2)
    return low...max(usual.upperBound, (values.max() ?? usual.upperBound) + 0.2)
  }

  /// Filled areas, then the lines between them.
  private static func regions(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> [Series] {
    let (left, right, low, high) = (x.lowerBound, x.upperBound, y.lowerBound, y.upperBound)
    // Beyond the panel, where gnuplot clips.
    let far = max(right, 1 + high)
    return [
      Series(
        "", .region, colour: linearColour, x: [left, 1, 1, 1 + high, left], y: [low, low, 0, high, high]),
      Series(
        "", .region, colour: condensedColour, x: [1, 1, 1 + high, far, far], y: [low, 0, high, high, low]),
      Series(
        "edge of θ-lazy", .line(width: 1.4, dash: .dotted), colour: Colour(0x606060), x: [1, 1], y: [0, high]),
      Series("critical", .line(width: 2.6), colour: .vermilion, x: [1, 1, 1 + high], y: [low, 0, high]),
    ]
  }

  /// Open squares, around the marks of methods at the same place.
  private static func cells(_ scan: [(gamma: Double, gammaPrime: Double)]) -> [Series] {
    guard !scan.isEmpty else { return [] }
    return [
      Series(
        "cells of the sweep", .points(size: scan.count <= 40 ? 1.7 : 0.6, marker: .openSquare),
        colour: Colour(0x404040),
        x: scan.map(\.gamma),
        y: scan.map(\.gammaPrime))
    ]
  }

  private static func methods(_ x: ClosedRange<Double>, _ y: ClosedRange<Double>) -> [Series] {
    let end = min(x.upperBound, y.upperBound)
    return [
      Series(
        "E et al. (" + .gammaPrime + " = " + .symbol("γ") + " > 1/6)", .line(width: 1.6, dash: .dashed),
        colour: .blue,
        x: [1.0 / 6, end], y: [1.0 / 6, end]),
      Series(
        "methods of Table 1", .points(size: 1.1, marker: .circle), colour: .black,
        x: namedInitializations.map(\.gamma), y: namedInitializations.map(\.gammaPrime)),
    ]
  }

  /// - Parameter rows: heights of a sweep's cells; names stand between them where there is room.
  private static func regimeNames(
    _ x: ClosedRange<Double>, _ y: ClosedRange<Double>, around rows: [Double]
  ) -> [Annotation] {
    let (low, high) = (y.lowerBound, y.upperBound)
    func height(near wanted: Double) -> Double {
      func room(_ y: Double) -> Double { min(rows.map { abs($0 - y) }.min() ?? 1, 0.06 * (high - low)) }
      let choices = (-6...6).map { wanted + 0.025 * Double($0) * (high - low) }
      return choices.max { (room($0), -abs($0 - wanted)) < (room($1), -abs($1 - wanted)) }!
    }
    let left = (x.lowerBound + 1) / 2
    let red = Colour(0xA0410D)
    var names = [
      Annotation("linear regime", x: left, y: height(near: 0.62 * low), colour: red, size: 13),
      Annotation("θ-lazy", x: left, y: height(near: 0.62 * low) - 0.055 * (high - low), colour: red),
      Annotation(.symbol("w") + "-lazy", x: 1 + 0.28 * high, y: 0.86 * high, colour: red),
    ]
    for i in names.indices { names[i].halo = linearColour }
    return names + [
      Annotation(
        "condensed regime", x: (1 + x.upperBound) / 2, y: height(near: 0.35 * low), colour: Colour(0x00507D),
        size: 13,
        halo: condensedColour)
    ]
  }

  /// Right below the mark, where neither the boundary nor the line of E et al. passes.
  private static func methodLabel(
    _ place: PhasePlace, _ x: ClosedRange<Double>, _ y: ClosedRange<Double>
  ) -> Annotation {
    Annotation(
      .plain(place.name), x: place.gamma + 0.022 * (x.upperBound - x.lowerBound),
      y: place.gammaPrime - 0.045 * (y.upperBound - y.lowerBound), alignment: .left,
      halo: place.gamma < 1 ? linearColour : condensedColour)
  }

  /// Above the mark, to its left if there is room.
  private static func runLabel(
    _ place: PhasePlace, _ x: ClosedRange<Double>, _ y: ClosedRange<Double>
  ) -> Annotation {
    let span = x.upperBound - x.lowerBound
    let letter = 6.5 / panelWidth * span
    let fits = place.gamma - x.lowerBound > letter * Double(place.name.count + 2)
    return Annotation(
      .plain(place.name), x: place.gamma + (fits ? -0.015 : 0.015) * span,
      y: place.gammaPrime + 0.05 * (y.upperBound - y.lowerBound), alignment: fits ? .right : .left,
      colour: Colour(0x8A3A72), halo: isLinear(place) ? linearColour : condensedColour)
  }

  private static func isLinear(_ place: PhasePlace) -> Bool {
    place.gamma < 1 + max(0, place.gammaPrime)
  }

  /// One place for all that share it, with all their names.
  private static func grouped(_ places: [PhasePlace]) -> [PhasePlace] {
    var groups: [PhasePlace] = []
    for place in places {
      let same = groups.firstIndex {
        abs($0.gamma - place.gamma) < 1e-9 && abs($0.gammaPrime - place.gammaPrime) < 1e-9
      }
      if let same {
        groups[same].name += ", " + place.name
      } else {
        groups.append(place)
      }
    }
    return groups.map { group in
      var group = group
      if group.name.count > 40 { group.name = String(group.name.prefix(38)) + " …" }
      return group
    }
  }
}
