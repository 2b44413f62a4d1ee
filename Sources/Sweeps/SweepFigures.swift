import Figures
import Foundation
import GradientFlow
import PluginKit
import Studies

/// The pictures at the end of a sweep, drawn into its folder: the paper's figure that a preset stands for, or what any
/// other sweep has to show, and the place of its cells in the schematic phase diagram.
public struct SweepFigures {
  let store: SweepStore
  let catalog: PluginCatalog
  let data: Dataset
  let families: [SweepFamily]
  /// Of which RD is known.
  let parts: [SweepPart]
  private let gamma: [Double]
  private let gammaPrime: [Double]
  let accuracy: SweepAccuracy?

  /// - Throws: `UsageError` if the data cannot be read; ``StoreError``.
  public init(_ store: SweepStore, _ catalog: PluginCatalog) throws {
    (self.store, self.catalog) = (store, catalog)
    data = try catalog.datasets.make(store.definition.base.data)
    let rows = try store.rows()
    accuracy = SweepAccuracy(rows)
    let usable = rows.filter { $0.isUsable && $0.gamma != nil && $0.gammaPrime != nil }
    families = SweepFamily.all(usable, store.definition)
    parts = SweepPart.all(usable)
    gamma = Set(usable.map { $0.gamma! }).sorted()
    gammaPrime = Set(usable.map { $0.gammaPrime! }).sorted()
  }

  /// Draws what there is and returns the PNGs; nothing for a sweep without finished runs.
  ///
  /// - Throws: `FigureError`, ``StoreError``, `NumPyFileError`.
  @discardableResult
  public func draw() throws -> [URL] {
    let writer = FigureWriter(folder: store.folder, Provenance())
    return try figures().flatMap { name, figure in
      try writer.write(figure, name: name).files.filter { $0.pathExtension == "png" }
    }
  }

  private func figures() throws -> [(name: String, figure: Figure)] {
    guard !families.isEmpty else { return [] }
    var figures: [(String, Figure)] = []
    switch store.definition.figure {
    case "figure-2": figures += try fits().map { [("figure-2", $0)] } ?? []
    case "figure-3": figures += growth().map { [("figure-3", $0)] } ?? []
    case "figure-6", "figure-7":
      figures += try condensation().map { [(store.definition.figure!, $0)] } ?? []
    case "figure-10": figures += maps([.theta, .a]).map { [("figure-10", $0)] } ?? []
    case "three-layer": figures += maps(layers).map { [("three-layer", $0)] } ?? []
    case "three-layer-slopes": figures += growth().map { [("three-layer-slopes", $0)] } ?? []
    case "initial-condensation":
      return try initialCondensation().map { [("initial-condensation", $0)] } ?? []
    case let name?: figures += maps([.w]).map { [(name, $0)] } ?? []
    case nil:
      if gammaPrime.count > 1, gamma.count > 1 {
        figures += maps(parts).map { [("exponents", $0)] } ?? []
      }
      if gamma.count <= 12 { figures += growth().map { [("growth", $0)] } ?? [] }
      if gamma.count * gammaPrime.count <= 25 {
        figures += try condensation().map { [("condensation", $0)] } ?? []
      }
    }
    // That diagram is of two layers.
    guard layers.isEmpty else { return figures }
    let scan = gammaPrime.flatMap { y in gamma.map { (gamma: $0, gammaPrime: y) } }
    return figures + [("phase-diagram", FigureLibrary.phaseDiagram(scan: scan))]
  }

  // MARK: Exponents

  /// Figures 4, 5 and 10, one panel for each part and family; `nil` if no cell has two widths.
  private func maps(_ parts: [SweepPart]) -> Figure? {
    let panels = families.flatMap { family in
      parts.compactMap { part -> Panel? in
        let grid = ExponentGrid(family, part, gamma: gamma, gammaPrime: gammaPrime)
        guard !grid.slopes.isEmpty else { return nil }
        let values = grid.values { $0.fit.exponent }
        return FigureLibrary.exponentMap(
          part: part.symbol, gamma: gamma, gammaPrime: gammaPrime,
          exponents: gammaPrime.indices.map { j in Array(values[j * gamma.count..<(j + 1) * gamma.count]) },
          zeros: PhaseBoundary.points(grid.slopes).map {
            .init(gamma: $0.gamma, gammaPrime: $0.gammaPrime, error: $0.error)
          }, boundary: grid.boundary,
          mixed: grid.slopes.filter(\.isMixed).map { ($0.gamma, $0.gammaPrime) },
          title: families.count > 1 ? family.caption : "")
      }
    }
    guard !panels.isEmpty else { return nil }
    var figure = Figure(
      panels: panels, columns: min(parts.count, 3), panelSize: .init(width: 300, height: 250))
    figure.caption = caption
    return figure
  }

  /// The layers of networks of any depth; empty for those of two layers and one output.
  private var layers: [SweepPart] { parts.filter { if case .layer = $0 { true } else { false } } }

  /// A family and a part of its parameters: what stands side by side in one panel.
  private struct Curve {
    let family: SweepFamily
    let part: SweepPart
    let name: FigureText

    func grid(_ gamma: [Double], _ level: Double) -> ExponentGrid {
      ExponentGrid(family, part, gamma: gamma, gammaPrime: [level])
    }
  }

  /// Of two layers the input weights of each family, of more layers each layer.
  private var curves: [Curve] {
    families.flatMap { family in
      (layers.isEmpty ? [.w] : layers).map { part in
        let own = layers.isEmpty ? FigureText("") : .plain(part.label)
        let name = families.count > 1 ? family.caption : ""
        return Curve(
          family: family, part: part, name: own.isEmpty ? name : name.isEmpty ? own : name + ", " + own)
      }
    }
  }

  /// Figure 3: RD over the width for at most three gamma, at the gamma' nearest to 0, and S over gamma for each of
  /// at most five gamma'; `nil` if no cell has two widths.
  private func growth() -> Figure? {
    guard let level = gammaPrime.min(by: { abs($0) < abs($1) }) else { return nil }
    let (curves, isOneLevel) = (curves, gammaPrime == [0])
    let grids = curves.map { $0.grid(gamma, level) }
    guard grids.contains(where: { !$0.slopes.isEmpty }) else { return nil }
    let panels = shownGamma.map { x in
      let growths = zip(curves, grids).compactMap { growth($0, $1, x, level) }
      return FigureLibrary.distanceGrowth(
        growths, part: layers.isEmpty ? "w" : "W_l",
        title: isOneLevel && !layers.isEmpty ? .symbol("γ") + " = " + .number(x) : .pair(x, level))
    }
    let levels = gammaPrime.count <= 5 ? gammaPrime : [level]
    let exponents = gamma.count > 1 ? levels.map(exponents) : []
    var figure = Figure(
      panels: panels + exponents, columns: panels.count + exponents.count == 4 ? 2 : 3,
      panelSize: .init(width: 290, height: layers.isEmpty ? 200 : 230))
    figure.caption = caption + [statistics]
    return figure
  }

  /// S over gamma at one gamma'.
  private func exponents(_ level: Double) -> Panel {
    let line = Array(stride(from: gamma.first!, through: gamma.last!, by: (gamma.last! - gamma.first!) / 60))
    // Of two layers all families are expected to have one S_w.
    let expected = (layers.isEmpty ? Array(curves.prefix(1)) : curves).map { curve in
      (line, line.map { curve.family.theory.slope(curve.part, gamma: $0, gammaPrime: level) ?? .nan })
    }
    let measured = curves.map { curve in
      let slopes = curve.grid(gamma, level).slopes
      return (
        layers.isEmpty ? curve.family.caption : curve.name, slopes.map(\.gamma), slopes.map(\.fit.exponent),
        slopes.map(\.fit.exponentError)
      )
    }
    return FigureLibrary.exponentCurves(
      measured, expected: expected, part: layers.isEmpty ? "w" : "l",
      title: .gammaPrime + " = " + .number(level))
  }

  private func growth(_ curve: Curve, _ grid: ExponentGrid, _ x: Double, _ y: Double) -> FigureLibrary.Growth?
  {
    guard let fit = grid.slopes.first(where: { $0.gamma == x && $0.gammaPrime == y })?.fit else { return nil }
    let points = curve.family.rows.filter { $0.gamma == x && $0.gammaPrime == y }.compactMap { row in
      row.result?.final(curve.part).map { (Double(row.width), $0) }
    }
    return FigureLibrary.Growth(
      curve.name, widths: points.map(\.0), distances: points.map(\.1),
      exponent: fit.exponent, exponentError: fit.exponentError, prefactor: exp(fit.logPrefactor),
      expected: layers.isEmpty ? nil : curve.family.theory.slope(curve.part, gamma: x, gammaPrime: y))
  }

  /// The paper's three gamma if they are all there, else the first, the critical one or the middle, and the last.
  private var shownGamma: [Double] {
    let paper = [0.5, 1, 1.75]
    if layers.isEmpty, paper.allSatisfy(gamma.contains) { return paper }
    return gamma.count <= 3
      ? gamma
      : [gamma[0], gamma.dropFirst().dropLast().contains(1) ? 1 : gamma[gamma.count / 2], gamma.last!]
  }

  // MARK: Neurons

  /// Figures 6 and 7 of the first family and seed; `nil` if no neurons were kept.
  private func condensation() throws -> Figure? {
    let rows = families[0].rows.filter { $0.seed == families[0].rows[0].seed }
    let cells = try gammaPrime.flatMap { y in
      try gamma.map { x in
        FigureLibrary.CondensationCell(
          gamma: x, gammaPrime: y, regime: PhaseRegion(gamma: x, gammaPrime: y).regime,
          samples: try rows.filter { $0.gamma == x && $0.gammaPrime == y }.compactMap {
            row -> FigureLibrary.CondensationSample? in
            try store.neurons(of: row.id, final: true).map {
              FigureLibrary.CondensationSample(
                width: row.width, orientation: $0.orientation, amplitude: $0.amplitude,
                directions: row.result?.directions)
            }
          })
      }
    }
    guard cells.contains(where: { !$0.samples.isEmpty }) else { return nil }
    return FigureLibrary.condensationMap(
      cells, orientation: data.inputDimension == 2 ? .angle : .projection, note: conditions)
  }

  /// Figure 2 of the first seed: one column for each cell; `nil` if fits or neurons were not kept.
  private func fits() throws -> Figure? {
    let rows = families[0].rows.filter { $0.seed == families[0].rows[0].seed }
    let points = ((0..<data.sampleCount).map { data.input($0).first! }, data.targets)
    let runs = try rows.compactMap { row -> FigureLibrary.Figure2Run? in
      guard let fit = try store.fit(of: row.id), let before = try store.neurons(of: row.id, final: false),
        let after = try store.neurons(of: row.id, final: true)
      else { return nil }
      return .init(
        title: .symbol("γ") + " = " + .number(row.gamma!), data: points, curve: (fit.x, fit.f),
        initial: (before.orientation, before.amplitude), final: (after.orientation, after.amplitude))
    }
    return runs.isEmpty ? nil : FigureLibrary.figure2(runs)
  }
}

extension PhaseRegion {
  /// The paper's word for it.
  var regime: String { isLinear ? "linear" : isCondensed ? "condensed" : "critical" }
}
