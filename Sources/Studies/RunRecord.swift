import Foundation
import GradientFlow
import PluginKit

/// A run's folder, read back for drawing.
struct RunRecord {
  let folder: URL
  let configuration: RunConfiguration
  /// What stands in `summary.json` of what tables and titles need.
  let summary: Summary
  /// `trajectory.csv` by column.
  let trajectory: [String: [Double]]
  let data: Dataset
  let shape: NetworkShape
  let initialState: [Double]
  let finalState: [Double]

  struct Summary: Decodable {
    struct Statistics: Decodable {
      let accepted: Int
      let rejected: Int
      let nfev: Int
      let wallSeconds: Double
    }
    let returnCode: String
    let integrator: String
    let integratorChoice: String?
    let kappa: Double
    let kappaPrime: Double
    let time: Double?
    let loss: Double?
    let statistics: Statistics
  }

  /// - Throws: ``UsageError`` if `folder` holds no finished run.
  init(_ folder: URL, _ catalog: PluginCatalog) throws {
    self = try UsageError.preparing { try RunRecord(reading: folder, catalog) }
  }

  private init(reading folder: URL, _ catalog: PluginCatalog) throws {
    self.folder = folder
    guard FileManager.default.fileExists(atPath: folder.appending(path: "summary.json").path) else {
      throw UsageError("'\(folder.relativePath)' is no folder of a finished run: it has no summary.json")
    }
    configuration = try RunConfiguration(yamlFile: folder.appending(path: "config.yaml").path)
    summary = try JSONDecoder().decode(
      Summary.self, from: Data(contentsOf: folder.appending(path: "summary.json")))
    trajectory = Trajectory.columns(
      try String(contentsOf: folder.appending(path: "trajectory.csv"), encoding: .utf8))
    data = try catalog.datasets.make(configuration.data)
    shape = NetworkShape(width: configuration.width, inputDimension: data.inputDimension)
    initialState = try StateFile.read(folder.appending(path: "neurons-initial.npy"), shape: shape)
    finalState = try StateFile.read(folder.appending(path: "neurons-final.npy"), shape: shape)
  }

  /// How this run is named beside others.
  var label: String {
    if let gamma = configuration.gamma, let gammaPrime = configuration.gammaPrime {
      return String(format: "γ = %g, γ′ = %g", gamma, gammaPrime)
    }
    return String(format: "κ = %.3g, κ′ = %.3g", summary.kappa, summary.kappaPrime)
  }

  /// `f` around the data; for one input variable.
  func learnedFunction(_ catalog: PluginCatalog) throws -> (x: [Double], f: [Double]) {
    try Studies.learnedFunction(
      finalState,
      Network(
        shape: shape,
        scaling: configuration.integratedModel(
          configuration.originalModel(inputDimension: shape.inputDimension))?.ownScaling
          ?? Scaling(kappa: summary.kappa, kappaPrime: summary.kappaPrime),
        activation: catalog.activations.make(configuration.activation)),
      around: data.inputs)
  }

  /// Orientation and amplitude of each neuron.
  func neurons(_ state: [Double]) -> (orientation: [Double], amplitude: [Double]) {
    let picture = NeuronPicture(state.span, shape: shape)
    return (picture.orientations, picture.amplitudes)
  }
}
