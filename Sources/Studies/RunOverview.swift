import Figures
import Foundation
import PluginKit

/// Several runs in common pictures, and a table of them.
public struct RunOverview {
  private let records: [RunRecord]
  private let catalog: PluginCatalog

  /// - Throws: ``UsageError`` if one of `folders` holds no finished run.
  public init(folders: [URL], _ catalog: PluginCatalog) throws {
    records = try folders.map { try RunRecord($0, catalog) }
    self.catalog = catalog
  }

  /// Draws into the new folder `out` and returns the PNGs.
  ///
  /// - Throws: ``UsageError`` if `out` exists; `FigureError`.
  public func draw(to out: String) throws -> [URL] {
    let folder = try OutputFolder(new: out)
    var figures: [(String, Figure)] = []
    if records.allSatisfy({ $0.shape.inputDimension == 2 }) {
      figures.append(("figure2", FigureLibrary.figure2(try records.map(figure2Run))))
    } else {
      figures.append(
        ("neurons", Figure(panels: records.map(scatter), columns: min(3, records.count))))
    }
    figures.append(("curves", Figure(panels: [lossPanel, distancePanel], columns: 2)))
    try folder.create()
    let writer = FigureWriter(folder: folder.working)
    for (name, figure) in figures { try writer.write(figure, name: name) }
    try folder.complete()
    return figures.map { folder.destination.appending(path: $0.0 + ".png") }
  }

  /// One line for each run.
  public var table: String {
    func cell(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }
    let header =
      cell("run", 26) + cell("ended", 9) + cell("loss R", 11) + cell("RD_w", 10) + cell("time t", 11)
      + cell("steps", 9) + cell("nfev", 10) + cell("seconds", 9) + "integrator"
    return
      ([header]
      + records.map { r in
        let s = r.summary
        let distance = r.trajectory["rdW"]?.last.map { String(format: "%.4g", $0) } ?? "-"
        return cell(r.label, 26) + cell(s.returnCode, 9)
          + cell(s.loss.map { String(format: "%.3e", $0) } ?? "-", 11) + cell(distance, 10)
          + cell(s.time.map { String(format: "%.4g", $0) } ?? "-", 11)
          + cell("\(s.statistics.accepted)", 9) + cell("\(s.statistics.nfev)", 10)
          + cell(String(format: "%.3g", s.statistics.wallSeconds), 9) + s.integrator
          + (s.integratorChoice.map { " (\($0.prefix { $0 != ":" }))" } ?? "")
      }).joined(separator: "\n")
  }

  private func figure2Run(_ r: RunRecord) throws -> FigureLibrary.Figure2Run {
    FigureLibrary.Figure2Run(
      title: .plain(r.label), data: r.points, curve: try r.learnedFunction(catalog),
      initial: r.neurons(r.initialState), final: r.neurons(r.finalState))
  }

  private func scatter(_ r: RunRecord) -> Panel {
    FigureLibrary.orientationScatter(
      initial: r.neurons(r.initialState), final: r.neurons(r.finalState),
      orientation: r.shape.inputDimension == 2 ? .angle : .projection, title: .plain(r.label))
  }

  private var lossPanel: Panel { FigureLibrary.lossCurve(curves("loss")) }

  private var distancePanel: Panel { FigureLibrary.relativeDistanceCurve(curves("rdW")) }

  private func curves(_ column: String) -> [FigureLibrary.Curve] {
    records.compactMap { r in
      r.trajectory[column].map { .init(.plain(r.label), x: r.trajectory["time"] ?? [], y: $0) }
    }
  }
}
