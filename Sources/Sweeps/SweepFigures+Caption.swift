import Figures
import Foundation

extension SweepFigures {
  /// Data, widths and seeds, and how accurate the runs are.
  var caption: [FigureText] { [conditions] + (accuracy.map { [$0.caption] } ?? []) }

  /// What the marks, bands and bars of growth and slopes are; with one seed there are no bands.
  var statistics: FigureText {
    let isOfSeveral = Set(families.flatMap(\.rows).map(\.seed)).count > 1
    let marks: FigureText =
      isOfSeveral ? "Marks: geometric mean over the seeds; band: one standard deviation of log RD. " : ""
    return marks + "Lines: fitted power laws"
      + (isOfSeveral ? ", through all seeds" : "") + "; bars: standard error of the slope."
  }

  /// Data, widths and seeds.
  var conditions: FigureText {
    let rows = families.flatMap(\.rows)
    let widths = Set(rows.map(\.width)).sorted().map(String.init).joined(separator: ", ")
    let seeds = Set(rows.map(\.seed)).count
    return .plain(URL(filePath: data.name).lastPathComponent) + "; " + .symbol("m") + " = "
      + .plain("\(widths); \(seeds == 1 ? "one seed" : "\(seeds) seeds")")
      + (store.definition.variedExponents.map { "; " + Self.mobilities($0) } ?? "")
  }

  /// `mobilities m^g, g_1 = −γ′, g_3 = γ′`, with the indices below.
  private static func mobilities(_ exponents: [(layer: Int, factor: String)]) -> FigureText {
    exponents.reduce("mobilities " + .symbol("m") + "^{" + .symbol("g") + "}") {
      $0 + ", " + .symbol("g") + "_{" + .plain("\($1.layer)") + "} = " + .plain($1.factor) + .gammaPrime
    }
  }
}

extension SweepAccuracy {
  /// In figures.
  var caption: FigureText {
    "Accuracy: " + .plain("\(count)") + " runs done again at a tighter tolerance; RD_{" + .symbol(part.symbol)
      + "} off by "
      + .scientific(largestW) + " at most, " + .scientific(medianW) + " in the median."
  }
}

extension SweepFamily {
  /// ``name`` in figures.
  var caption: FigureText {
    let exponent = betaExponent.map { b -> FigureText in
      .symbol("β") + "_2 = "
        + (b == 0 ? "1" : .symbol("m") + FigureText(markup: "^{−" + String(format: "%g", b) + "}"))
    }
    guard !others.isEmpty else { return exponent ?? "measured" }
    return (exponent.map { $0 + ", " } ?? "") + .plain(others.joined(separator: ", "))
  }
}
