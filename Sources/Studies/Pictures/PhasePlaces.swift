import Figures
import Foundation
import PluginKit

/// Where runs lie in the phase diagram: `gamma = -log kappa / log m`, `gamma' = -log kappa' / log m` (14), with the
/// finite `m` of the run. That is the run's own gamma and gamma', or what its factors of the original model come to.
public struct PhasePlaces {
  private let places: [FigureLibrary.PhasePlace]

  /// - Throws: ``UsageError`` if one of `folders` holds no finished run, or one of a single neuron, whose `log m` is 0.
  public init(folders: [URL], _ catalog: PluginCatalog) throws {
    places = try folders.map { folder in
      let record = try FinishedRun(folder, catalog)
      guard let kappa = record.summary.kappa, let kappaPrime = record.summary.kappaPrime else {
        throw UsageError(
          "'\(folder.relativePath)' is the run of a system, which has no place in the phase diagram")
      }
      let width = record.configuration.scalingWidth ?? record.configuration.width
      guard width > 1 else {
        throw UsageError("'\(folder.relativePath)' has m = 1, which gives no gamma; take a wider network")
      }
      let unit = -log(Double(width))
      return .init(
        folder.standardizedFileURL.lastPathComponent,
        gamma: record.configuration.gamma ?? log(kappa) / unit,
        gammaPrime: record.configuration.gammaPrime ?? log(kappaPrime) / unit)
    }
  }

  /// Draws the phase diagram with these runs into the new folder `out` and returns the PNG.
  ///
  /// - Throws: ``UsageError`` if `out` exists; `FigureError`.
  public func draw(to out: String) throws -> URL {
    let folder = try OutputFolder(new: out)
    try folder.fill {
      let writer = FigureWriter(folder: $0, Provenance())
      try writer.write(FigureLibrary.phaseDiagram(runs: places), name: "phase-diagram")
    }
    return folder.destination.appending(path: "phase-diagram.png")
  }
}
