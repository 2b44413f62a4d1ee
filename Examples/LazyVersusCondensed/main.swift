// Lazy and condensed training side by side: the same data, width and seed, gamma = 1/2 against gamma = 7/4. How far the
// neurons move, RD = |theta_w(t) - theta_w(0)| / |theta_w(0)| (16), tells the regimes apart, and so does how many
// directions they end up in. `swift run -c release example-lazy-vs-condensed FOLDER` leaves the picture in FOLDER.
import BuiltinPlugins
import Figures
import Foundation
import PluginKit
import Studies

func train(gamma: Double, _ catalog: PluginCatalog) throws -> Run.Outcome {
  var configuration = RunConfiguration()
  configuration.gamma = gamma
  configuration.gammaPrime = 0
  configuration.observe = ["relative-distance", "condensation"]
  return try Run(configuration, catalog, out: nil).run()
}

struct Regime {
  let name: String
  let outcome: Run.Outcome

  var distance: Double { number("relative-distance", "w") }
  /// The share of the amplitude that the two strongest directions hold.
  var share: Double { number("condensation", "top2") }

  private func number(_ observer: String, _ key: String) -> Double {
    outcome.summary.observers[observer]?[key]?.number ?? .nan
  }

  func curve(_ column: String) -> FigureLibrary.Curve {
    .init(.plain(name), x: outcome.record["time"] ?? [], y: outcome.record[column] ?? [])
  }

  var histogram: Panel {
    let rows = outcome.tables["condensation-histogram"]?.rows ?? []
    return FigureLibrary.condensationHistogram(
      centres: rows.map { $0[0] }, initialShares: rows.map { $0[1] }, finalShares: rows.map { $0[2] },
      title: .plain(name))
  }
}

let catalog = try BuiltinPlugins.catalog()
let regimes = [
  Regime(name: "lazy, γ = 0.5", outcome: try train(gamma: 0.5, catalog)),
  Regime(name: "condensed, γ = 1.75", outcome: try train(gamma: 1.75, catalog)),
]
for regime in regimes {
  print(
    String(
      format: "%@: RD_w = %.3g, the two strongest of all directions hold %.0f %% of the amplitude",
      regime.name,
      regime.distance, 100 * regime.share))
}

if CommandLine.arguments.count > 1 {
  let figure = Figure(
    panels: [
      FigureLibrary.relativeDistanceCurve(regimes.map { $0.curve("rdW") }, title: "Motion of the neurons"),
      FigureLibrary.lossCurve(regimes.map { $0.curve("loss") }, title: "Loss"),
    ] + regimes.map(\.histogram), columns: 2)
  let written = try FigureWriter(folder: URL(filePath: CommandLine.arguments[1]))
    .write(figure, name: "lazy-vs-condensed")
  print("drawn: \(written.files.last!.path)")
}

// As the width grows RD_w tends to 0 in the linear regime and to infinity in the condensed one (Theorems 6 and 8); at
// width 1000 they are a few per cent and about ten.
guard regimes.allSatisfy({ $0.outcome.summary.returnCode == .stopped }),
  regimes[0].distance < 0.1, regimes[1].distance > 1, regimes[0].share < 0.5, regimes[1].share > 0.9
else {
  print("the example no longer holds: lazy neurons stay, condensed ones go and gather in two directions")
  exit(1)
}
