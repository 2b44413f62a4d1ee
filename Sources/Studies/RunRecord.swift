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
      return "γ = \(gamma), γ′ = \(gammaPrime)"
    }
    return String(format: "κ = %.3g, κ′ = %.3g", summary.kappa, summary.kappaPrime)
  }

  /// `f` on an even grid over the data's range and a fifth beyond it; for one input variable.
  func learnedFunction(_ catalog: PluginCatalog) throws -> (x: [Double], f: [Double]) {
    let x = (0..<data.sampleCount).map { data.input($0).first! }
    let (low, high) = (x.min()!, x.max()!)
    let margin = high > low ? 0.2 * (high - low) : 1
    let grid = (0...400).map { low - margin + (high - low + 2 * margin) * Double($0) / 400 }
    let flow = try TwoLayerFlow(
      width: shape.width,
      data: Dataset(
        name: "grid", features: grid.map { [$0] }, targets: grid.map { _ in data.targets[0] }),
      scaling: Scaling(kappa: summary.kappa, kappaPrime: summary.kappaPrime),
      activation: catalog.activations.make(configuration.activation),
      loss: catalog.losses.make(configuration.loss))
    return (grid, flow.forward(finalState.span).predictions)
  }

  /// Orientation and amplitude of each neuron: for `d = 2` the angle of `w_k`, else the cosine of its
  /// angle to `(1, ..., 1)` (Figure 7).
  func neurons(_ state: [Double]) -> (orientation: [Double], amplitude: [Double]) {
    let d = shape.inputDimension
    var (orientation, amplitude) = ([Double](), [Double]())
    for k in 0..<shape.width {
      let w = (0..<d).map { state[shape.indexOfW(k, $0)] }
      let norm = w.reduce(0) { $0 + $1 * $1 }.squareRoot()
      orientation.append(
        d == 2 ? atan2(w[1], w[0]) : norm > 0 ? w.reduce(0, +) / (norm * Double(d).squareRoot()) : 0)
      amplitude.append(abs(state[k]) * norm)
    }
    return (orientation, amplitude)
  }
}
