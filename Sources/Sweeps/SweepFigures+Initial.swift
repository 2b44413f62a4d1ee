import Figures
import Foundation
import GradientFlow
import Studies

extension SweepFigures {
  /// Neurons before and after the first part of the training, of the first seed, one panel for each activation; in the title how many clusters of
  /// directions there are, by seed, beside twice the activation's multiplicity at 0. `nil` if no neurons were kept.
  func initialCondensation() throws -> Figure? {
    let panels = try families.compactMap { family -> Panel? in
      guard let row = family.rows.first, let before = try store.neurons(of: row.id, final: false),
        let after = try store.neurons(of: row.id, final: true)
      else { return nil }
      let name = try RunConfiguration(yaml: row.configuration).activation
      let most = try catalog.activations.make(name).multiplicityAtZero.map { 2 * $0 }
      let counts = family.rows.compactMap { $0.result?.clusters }.map { String(format: "%.0f", $0) }
      let found = Set(counts).count == 1 ? counts[0] : counts.joined(separator: ", ")
      let title = FigureText.plain(
        "\(name): \(found)" + (most.map { " of at most \($0)" } ?? "") + " directions")
      var panel = FigureLibrary.orientationScatter(
        initial: (before.orientation, Self.relative(before.amplitude)),
        final: (after.orientation, Self.relative(after.amplitude)),
        orientation: data.inputDimension == 2 ? .angle : .projection, title: title,
        amplitudeScale: .log)
      panel.y.label = "relative amplitude"
      panel.y.range = 1e-10...3
      return panel
    }
    guard !panels.isEmpty else { return nil }
    var figure = Figure(
      panels: panels, columns: min(3, panels.count), panelSize: .init(width: 270, height: 170))
    figure.sharesLegend = true
    figure.caption = [
      "Amplitude relative to the largest of the network. Directions: clusters that hold 1% of the amplitude.",
      conditions,
    ]
    return figure
  }

  private static func relative(_ amplitude: [Double]) -> [Double] {
    let largest = amplitude.max() ?? 0
    return largest > 0 ? amplitude.map { $0 / largest } : amplitude
  }
}
