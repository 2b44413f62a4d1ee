import DeepNetworks
import Figures
import Foundation
import GradientFlow
import PluginKit

/// The pictures of a network of any depth: loss, relative distance of each layer and, for one input variable, the learned
/// function.
struct DeepPictures: RunPictures {
  let data: Samples
  let isCentred: Bool
  /// Throws if its activations are not in the catalog any more.
  let network: () throws -> DeepNetwork

  func figures(of run: FinishedRun, warn: (String) -> Void) throws -> [(name: String, figure: Figure)] {
    let title = FigureText.plain("\(URL(filePath: run.configuration.data).lastPathComponent), \(run.label)")
    let times = run.record["time"] ?? []
    func curve(_ column: String, _ name: FigureText) -> FigureLibrary.Curve? {
      run.record[column].map { .init(name, x: times, y: $0) }
    }
    let losses = [curve("loss", "R"), curve("testLoss", "R on test data")].compactMap { $0 }
    var figures = [("loss", Figure(FigureLibrary.lossCurve(losses, title: title)))]
    let layers = run.record.columns.filter { $0.hasPrefix("rdW") }
    let distances = layers.compactMap { curve($0, .plain("layer \($0.dropFirst(3))")) }
    if !distances.isEmpty {
      figures.append(
        ("relative-distance", Figure(FigureLibrary.relativeDistanceCurve(distances, title: title))))
    }
    if data.inputDimension == 2, data.outputCount == 1 {
      do {
        let points = ((0..<data.sampleCount).map { data.input($0).first! }, data.targets)
        let curve = try learnedFunction(run)
        figures.append(
          ("function", Figure(FigureLibrary.learnedFunction(data: points, curve: curve, title: title))))
      } catch let error as PluginError {
        warn("the learned function is not drawn: \(error)")
      }
    }
    return figures
  }

  /// `f` around the data, less its value at the start where the run is centred.
  private func learnedFunction(_ run: FinishedRun) throws -> (x: [Double], f: [Double]) {
    try Studies.learnedFunction(
      run.finalState, network(), around: data.inputs, from: isCentred ? run.initialState : nil)
  }
}
