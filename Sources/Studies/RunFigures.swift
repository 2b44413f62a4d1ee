import Figures
import Foundation
import PluginKit

/// The pictures of one run, drawn into its folder: the curves of loss and relative distance, the
/// neurons before and after, and, for one input variable, the learned function.
public struct RunFigures {
  private let record: RunRecord
  private let catalog: PluginCatalog

  /// - Throws: ``UsageError`` if `folder` holds no finished run.
  public init(folder: URL, _ catalog: PluginCatalog) throws {
    record = try RunRecord(folder, catalog)
    self.catalog = catalog
  }

  /// Draws them and returns the PNGs.
  ///
  /// - Parameter warn: told why the learned function is left out, if its activation is not in the catalog.
  /// - Throws: `FigureError`.
  @discardableResult
  public func draw(warn: (String) -> Void = { _ in }) throws -> [URL] {
    let writer = FigureWriter(folder: record.folder)
    let title = FigureText.plain(
      "\(URL(filePath: record.configuration.data).lastPathComponent), \(record.label)")
    var figures = [("loss", Figure(FigureLibrary.lossCurve(curves(["loss": "R"]), title: title)))]
    let distances = curves(["rdW": "w", "rdA": "a", "rdTheta": "theta"])
    if !distances.isEmpty {
      figures.append(
        ("relative-distance", Figure(FigureLibrary.relativeDistanceCurve(distances, title: title))))
    }
    figures.append(("neurons", Figure(scatter(title))))
    if record.shape.inputDimension == 2 {
      do {
        figures.append(("function", Figure(try function(title))))
      } catch let error as PluginError {
        warn("the learned function is not drawn: \(error)")
      }
    }
    return try figures.flatMap { name, figure in
      try writer.write(figure, name: name).files.filter { $0.pathExtension == "png" }
    }
  }

  private func curves(_ columns: KeyValuePairs<String, String>) -> [FigureLibrary.Curve] {
    columns.compactMap { column, name in
      record.trajectory[column].map {
        .init(.plain(name), x: record.trajectory["time"] ?? [], y: $0)
      }
    }
  }

  private func scatter(_ title: FigureText) -> Panel {
    FigureLibrary.orientationScatter(
      initial: record.neurons(record.initialState), final: record.neurons(record.finalState),
      orientation: record.shape.inputDimension == 2 ? .angle : .projection, title: title)
  }

  private func function(_ title: FigureText) throws -> Panel {
    FigureLibrary.learnedFunction(
      data: record.points, curve: try record.learnedFunction(catalog), title: title)
  }
}

extension RunRecord {
  /// The data's first coordinate and targets.
  var points: (x: [Double], y: [Double]) {
    ((0..<data.sampleCount).map { data.input($0).first! }, data.targets)
  }
}
