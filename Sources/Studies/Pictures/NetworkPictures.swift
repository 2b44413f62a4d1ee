import Figures
import Foundation
import GradientFlow
import PluginKit

/// The pictures of a network's run: the curves of loss and relative distance, the neurons before and after, and, for
/// one input variable, the learned function.
struct NetworkPictures: RunPictures {
  let data: Samples
  let shape: NetworkShape
  /// Throws if its activation is not in the catalog any more.
  let network: () throws -> Network

  func figures(of run: FinishedRun, warn: (String) -> Void) throws -> [(name: String, figure: Figure)] {
    let title = FigureText.plain("\(URL(filePath: run.configuration.data).lastPathComponent), \(run.label)")
    func curves(_ columns: KeyValuePairs<String, String>) -> [FigureLibrary.Curve] {
      columns.compactMap { column, name in
        run.record[column].map { .init(.symbol(name), x: run.record["time"] ?? [], y: $0) }
      }
    }
    var figures = [("loss", Figure(FigureLibrary.lossCurve(curves(["loss": "R"]), title: title)))]
    let distances = curves(["rdW": "w", "rdA": "a", "rdTheta": "θ"])
    if !distances.isEmpty {
      figures.append(
        ("relative-distance", Figure(FigureLibrary.relativeDistanceCurve(distances, title: title))))
    }
    figures.append(("neurons", Figure(scatter(run, title))))
    if isPlanar {
      do {
        let curve = try learnedFunction(run.finalState)
        figures.append(
          ("function", Figure(FigureLibrary.learnedFunction(data: points, curve: curve, title: title))))
      } catch let error as PluginError {
        warn("the learned function is not drawn: \(error)")
      }
    }
    return figures
  }

  /// Whether there is one input variable beside the bias.
  var isPlanar: Bool { shape.inputDimension == 2 }

  /// `f` around the data; for one input variable.
  func learnedFunction(_ state: [Double]) throws -> (x: [Double], f: [Double]) {
    try Studies.learnedFunction(state, network(), around: data.inputs)
  }

  /// Orientation and amplitude of each neuron of a state.
  func neurons(_ state: [Double]) -> (orientation: [Double], amplitude: [Double]) {
    let picture = NeuronPicture(state.span, shape: shape)
    return (picture.orientations, picture.amplitudes)
  }

  /// Orientation and amplitude of the neurons at the start and at the end.
  func scatter(_ run: FinishedRun, _ title: FigureText) -> Panel {
    FigureLibrary.orientationScatter(
      initial: neurons(run.initialState), final: neurons(run.finalState),
      orientation: isPlanar ? .angle : .projection, title: title)
  }

  /// The data's first coordinate and targets.
  var points: (x: [Double], y: [Double]) {
    ((0..<data.inputs.count).map { data.inputs[$0].first! }, data.targets)
  }
}
