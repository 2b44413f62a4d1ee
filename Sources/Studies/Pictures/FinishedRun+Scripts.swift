import Figures
import Foundation

extension FinishedRun {
  /// Writes the data and the scripts of the run's pictures into `folder`, and draws nothing.
  ///
  /// - Throws: `FigureError`.
  package func writeScripts(in folder: URL) throws {
    let writer = FigureWriter(folder: folder)
    for (name, figure) in try pictures.figures(of: self, warn: { _ in }) {
      try writer.write(figure, name: name, formats: [])
    }
  }
}
