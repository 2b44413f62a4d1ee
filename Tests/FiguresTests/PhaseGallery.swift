import Figures
import Foundation

/// The pictures of the phase diagram, with numbers from the scaling argument and small deviations.
enum PhaseGallery {
  static let gamma = (0...20).map { 0.5 + 0.1 * Double($0) }
  static let gammaPrime = (0...20).map { -1 + 0.1 * Double($0) }

  static var figures: [(name: String, figure: Figure)] {
    [
      ("exponent-map", Figure(exponentMap)),
      (
        "exponent-maps",
        Figure(panels: [exponentMap, holes], columns: 2, panelSize: .init(width: 260, height: 220))
      ),
      ("growth", growth), ("growth-seeds", growthOfSeeds), ("condensation-map", condensation(.angle)),
      ("condensation-map-projection", condensation(.projection)),
      ("phase-diagram", FigureLibrary.phaseDiagram()),
      (
        "phase-diagram-runs",
        FigureLibrary.phaseDiagram(runs: [
          .init("run_1", gamma: 1.75, gammaPrime: 0), .init("again", gamma: 1.75, gammaPrime: 0),
          .init("β = m^-3", gamma: 0.9, gammaPrime: -1.4), .init("nowhere", gamma: .nan, gammaPrime: 0),
        ])
      ),
    ]
  }

  /// `S_w` in the regions of the balance argument, without the borders.
  static func exponent(_ gamma: Double, _ gammaPrime: Double) -> Double {
    if gamma < 1 { return gamma - 1 - 2 * max(0, gammaPrime) }
    if gammaPrime > gamma - 1 { return 2 * (gamma - 1 - gammaPrime) }
    return (gamma - 1 - gammaPrime) / 2
  }

  private static var exponentMap: Panel {
    FigureLibrary.exponentMap(
      part: "w", gamma: gamma, gammaPrime: gammaPrime,
      exponents: gammaPrime.map { g in gamma.map { exponent($0, g) } },
      zeros: gammaPrime.map {
        .init(gamma: 1 + max(0, $0) + 0.04, gammaPrime: $0, error: 0.03 + 0.05 * abs($0))
      },
      boundary: [(1, -1), (1, 0), (2, 1)], title: "four-points, widths 10^3 to 4×10^4")
  }

  private static var holes: Panel {
    FigureLibrary.exponentMap(
      part: "θ", gamma: [0.5, 1, 2], gammaPrime: [-0.5, 0.5], exponents: [[-0.5, .nan, 1], [-0.5, 0, 1]],
      zeros: [.init(gamma: 1.1, gammaPrime: 0.5, error: nil)], boundary: [(1, -0.5), (1, 0.5)], title: "holes"
    )
  }

  private static var growth: Figure {
    let widths = [1000.0, 5000, 10_000, 20_000, 40_000]
    let families: [FigureText] = ["β_1 = β_2 = 1", "β_1 = β_2 = m^{−1/2}", "β_1 = β_2 = m^{−1}"]
    let cases: [(gamma: String, slope: Double, factor: Double)] = [
      ("0.5", -0.506, 0.29), ("1", 0.007, 0.26), ("1.75", 0.372, 0.6),
    ]
    var panels = cases.map { gamma, slope, factor -> Panel in
      FigureLibrary.distanceGrowth(
        families.map {
          .init(
            $0, widths: widths, distances: widths.map { factor * pow($0, slope) }, exponent: slope,
            exponentError: 0.004, prefactor: factor)
        }, title: .symbol("γ") + .plain(" = " + gamma))
    }
    let line = [0.5, 0.75, 1, 1.25, 1.5, 1.75]
    panels.append(
      FigureLibrary.exponentCurves(
        families.map { ($0, line, line.map { exponent($0, 0) + 0.01 }, line.map { 0.02 * $0 }) },
        expected: [(line, line.map { exponent($0, 0) })], title: .symbol("γ") + "′ = 0"))
    return Figure(panels: panels, columns: 2, panelSize: .init(width: 280, height: 190))
  }

  /// Three seeds for each width, whose scatter grows with the width.
  private static var growthOfSeeds: Figure {
    let widths: [Double] = [100, 100, 100, 300, 300, 300, 1000, 1000, 1000, 3000, 3000, 3000]
    let distances = widths.enumerated().map { i, width -> Double in
      let deviation = Double(i % 3 - 1) * 0.05 * log(width)
      return 0.6 * pow(width, 0.372) * exp(deviation)
    }
    return Figure(
      FigureLibrary.distanceGrowth(
        [
          .init(
            "", widths: widths, distances: distances, exponent: 0.372, exponentError: 0.04, prefactor: 0.6)
        ], title: .pair(1.75, 0)))
  }

  private static func condensation(_ orientation: FigureLibrary.Orientation) -> Figure {
    var state: UInt64 = 7
    func uniform() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 11) / 9_007_199_254_740_992
    }
    let cells = [0.5, 1, 1.75].flatMap { gamma in
      [-0.5, 0, 0.5].map { gammaPrime -> FigureLibrary.CondensationCell in
        let isCondensed = gamma - 1 > max(0, gammaPrime)
        return .init(
          gamma: gamma, gammaPrime: gammaPrime, regime: isCondensed ? "condensed" : "linear",
          samples: [1000, 10_000, 250_000].map { width in
            let count = min(width, 5000)
            let scale: Double = if case .projection = orientation { 0.1 / .pi } else { 1 }
            return .init(
              width: width,
              orientation: (0..<count).map { k in
                scale * (isCondensed && k % 3 > 0 ? (k % 2 == 0 ? 0.4 : -2.6) : .pi * (2 * uniform() - 1))
              }, amplitude: (0..<count).map { _ in -log(uniform() + 1e-9) * Double(width) })
          })
      }
    }
    return FigureLibrary.condensationMap(cells, orientation: orientation)
  }
}
