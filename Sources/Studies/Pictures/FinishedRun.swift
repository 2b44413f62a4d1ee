import Figures
import Files
import Foundation
import GradientFlow
import ODECore
import PluginKit

/// A run as pictures and tables see it: at hand, or read back from its folder.
public struct FinishedRun {
  /// Its folder's name; empty if it has none.
  let name: String
  let configuration: RunConfiguration
  let pictures: any RunPictures
  let record: Record
  /// In the problem's own coordinates; empty where pictures have no use for it.
  let initialState: [Double]
  let finalState: [Double]
  let summary: Brief

  /// What stands in `summary.json` of what tables and titles need.
  struct Brief: Decodable {
    struct Cost: Decodable {
      let accepted: Int
      let rejected: Int
      let nfev: Int
      let wallSeconds: Double
    }
    let returnCode: String
    let integrator: String
    let integratorChoice: String?
    let kappa: Double?
    let kappaPrime: Double?
    let time: Double?
    let loss: Double?
    let statistics: Cost
  }

  /// A run at hand.
  init(_ experiment: Experiment, _ solution: Solution, _ summary: RunSummary) {
    name = ""
    (configuration, pictures) = (experiment.configuration, experiment.subject.pictures)
    record = solution.record
    initialState = experiment.subject.initialState
    finalState = experiment.subject.ambient(solution.state)
    let s = summary.statistics
    self.summary = Brief(
      returnCode: summary.returnCode.rawValue, integrator: summary.integrator,
      integratorChoice: summary.integratorChoice, kappa: summary.network?.kappa,
      kappaPrime: summary.network?.kappaPrime, time: summary.time, loss: summary.network?.loss,
      statistics: .init(accepted: s.accepted, rejected: s.rejected, nfev: s.nfev, wallSeconds: s.wallSeconds))
  }

  /// Reads a run back.
  ///
  /// - Throws: ``UsageError`` if `folder` holds no finished run.
  public init(_ folder: URL, _ catalog: PluginCatalog) throws {
    self = try UsageError.preparing { try FinishedRun(reading: folder, catalog) }
  }

  private init(reading folder: URL, _ catalog: PluginCatalog) throws {
    guard FileManager.default.fileExists(atPath: folder.appending(path: "summary.json").path) else {
      let working = OutputFolder.working(for: folder)
      throw UsageError(
        "'\(folder.relativePath)' is no folder of a finished run: it has no summary.json"
          + (FileManager.default.fileExists(atPath: working.path)
            ? "; an unfinished run is in '\(working.relativePath)'" : ""))
    }
    name = folder.standardizedFileURL.lastPathComponent
    let configuration = try RunConfiguration(yamlFile: folder.appending(path: "config.yaml").path)
    let summary = try JSONDecoder().decode(
      Brief.self, from: AtomicFile.read(folder.appending(path: "summary.json")))
    let table = try CSVTable(
      String(decoding: AtomicFile.read(folder.appending(path: "trajectory.csv")), as: UTF8.self))
    guard table["time"] != nil else { throw UsageError("trajectory.csv has no column 'time'") }
    record = Record(columns: table.columns, values: table.values)
    (self.configuration, self.summary) = (configuration, summary)
    // Only what is drawn must still be there: neither the integrator nor the observers nor the system.
    if configuration.isOfSystem {
      (pictures, initialState, finalState) = (SystemPictures(), [], [])
      return
    }
    let data = try catalog.datasets.make(configuration.data)
    let shape = NetworkShape(width: configuration.width, inputDimension: data.inputDimension)
    pictures = NetworkPictures(data: data.samples, shape: shape) {
      let model = try configuration.integratedModel(
        configuration.originalModel(inputDimension: shape.inputDimension))
      return Network(
        shape: shape,
        scaling: try model?.ownScaling
          ?? Scaling(kappa: summary.kappa ?? .nan, kappaPrime: summary.kappaPrime ?? .nan),
        activation: try catalog.activations.make(configuration.activation))
    }
    initialState = try StateFile.read(folder.appending(path: "neurons-initial.npy"), shape: shape)
    finalState = try StateFile.read(folder.appending(path: "neurons-final.npy"), shape: shape)
  }

  /// Draws the run's pictures into `folder` and returns the PNGs.
  ///
  /// - Parameter warn: told why a picture is left out.
  /// - Throws: `FigureError`.
  @discardableResult
  public func draw(in folder: URL, warn: (String) -> Void = { _ in }) throws -> [URL] {
    let writer = FigureWriter(folder: folder)
    return try pictures.figures(of: self, warn: warn).flatMap { name, figure in
      try writer.write(figure, name: name).files.filter { $0.pathExtension == "png" }
    }
  }

  /// How this run is named beside others.
  var label: String {
    if configuration.isOfSystem { return configuration.system! }
    if let gamma = configuration.gamma, let gammaPrime = configuration.gammaPrime {
      return String(format: "γ = %g, γ′ = %g", gamma, gammaPrime)
    }
    return String(format: "κ = %.3g, κ′ = %.3g", summary.kappa ?? .nan, summary.kappaPrime ?? .nan)
  }
}

/// What is drawn of one kind of problem.
public protocol RunPictures {
  /// The pictures of one run, by name.
  ///
  /// - Parameter warn: told why a picture is left out.
  func figures(of run: FinishedRun, warn: (String) -> Void) throws -> [(name: String, figure: Figure)]
}
