import Figures
import Foundation
import PluginKit

/// Several runs in common pictures, and a table of them.
public struct RunOverview {
  private let records: [FinishedRun]
  private let labels: [String]
  private let networks: [NetworkPictures]

  /// - Throws: ``UsageError`` if one of `folders` holds no finished run of a network.
  public init(folders: [URL], _ catalog: PluginCatalog) throws {
    records = try folders.map { try FinishedRun($0, catalog) }
    labels = RunLabels(records).texts
    networks = try records.map { record in
      guard let network = record.pictures as? NetworkPictures else {
        throw UsageError(
          "'\(record.name)' is not a run of a two-layer network, so its pictures are drawn alone: phaseflow plot \(record.name)"
        )
      }
      return network
    }
  }

  /// The plug-in libraries that the run in `folder` was made with; none if there is no run.
  ///
  /// - Throws: ``UsageError`` if its configuration cannot be read.
  public static func plugins(of folder: URL) throws -> [String] {
    let file = folder.appending(path: "config.yaml").path
    return FileManager.default.fileExists(atPath: file) ? try RunConfiguration(yamlFile: file).plugin : []
  }

  /// Draws into the new folder `out` and returns the PNGs.
  ///
  /// - Throws: ``UsageError`` if `out` exists; `FigureError`.
  public func draw(to out: String) throws -> [URL] {
    let folder = try OutputFolder(new: out)
    var figures: [(String, Figure)] = []
    if networks.allSatisfy(\.isPlanar) {
      figures.append(("functions-and-neurons", FigureLibrary.figure2(try records.indices.map(figure2Run))))
    } else {
      figures.append(
        ("neurons", Figure(panels: records.indices.map(scatter), columns: min(3, records.count))))
    }
    figures.append(("curves", Figure(panels: [lossPanel, distancePanel], columns: 2)))
    try folder.fill {
      let writer = FigureWriter(folder: $0, Provenance())
      for (name, figure) in figures { try writer.write(figure, name: name) }
    }
    return figures.map { folder.destination.appending(path: $0.0 + ".png") }
  }

  /// One line for each run.
  public var table: String {
    let first = 2 + max(3, labels.map(\.count).max() ?? 0)
    func cell(_ text: String, _ width: Int) -> String {
      text.padding(toLength: max(width, text.count), withPad: " ", startingAt: 0)
    }
    let header =
      cell("run", first) + cell("ended", 9) + cell("loss R", 11) + cell("RD_w", 10) + cell("time t", 11)
      + cell("steps", 9) + cell("nfev", 10) + cell("seconds", 9) + "integrator"
    return
      ([header]
      + zip(records, labels).map { r, label in
        let s = r.summary
        let distance = r.record["rdW"]?.last.map { String(format: "%.4g", $0) } ?? "-"
        return cell(label, first) + cell(s.returnCode, 9)
          + cell(s.loss.map { String(format: "%.3e", $0) } ?? "-", 11) + cell(distance, 10)
          + cell(s.time.map { String(format: "%.4g", $0) } ?? "-", 11)
          + cell("\(s.statistics.accepted)", 9) + cell("\(s.statistics.nfev)", 10)
          + cell(String(format: "%.3g", s.statistics.wallSeconds), 9) + s.integrator
          + (s.integratorChoice.map { " (\($0.prefix { $0 != ":" }))" } ?? "")
      }).joined(separator: "\n")
  }

  private func figure2Run(_ i: Int) throws -> FigureLibrary.Figure2Run {
    let (r, network) = (records[i], networks[i])
    return FigureLibrary.Figure2Run(
      title: .plain(labels[i]), data: network.points, curve: try network.learnedFunction(r.finalState),
      initial: network.neurons(r.initialState), final: network.neurons(r.finalState))
  }

  private func scatter(_ i: Int) -> Panel { networks[i].scatter(records[i], .plain(labels[i])) }

  private var lossPanel: Panel { FigureLibrary.lossCurve(curves("loss")) }

  private var distancePanel: Panel { FigureLibrary.relativeDistanceCurve(curves("rdW"), of: .symbol("w")) }

  private func curves(_ column: String) -> [FigureLibrary.Curve] {
    zip(records, labels).compactMap { r, label in
      r.record[column].map { .init(.plain(label), x: r.record["time"] ?? [], y: $0) }
    }
  }
}
