import Figures
import Foundation
import GradientFlow

extension NetworkSubject {
  /// The curves of loss and relative distance, the neurons before and after, and, for one input variable, the learned
  /// function.
  public func figures(of run: FinishedRun) throws -> [(name: String, figure: Figure)] {
    let title = FigureText.plain("\(URL(filePath: run.configuration.data).lastPathComponent), \(run.label)")
    func curves(_ columns: KeyValuePairs<String, String>) -> [FigureLibrary.Curve] {
      columns.compactMap { column, name in
        run.record[column].map { .init(.plain(name), x: run.record["time"] ?? [], y: $0) }
      }
    }
    var figures = [("loss", Figure(FigureLibrary.lossCurve(curves(["loss": "R"]), title: title)))]
    let distances = curves(["rdW": "w", "rdA": "a", "rdTheta": "theta"])
    if !distances.isEmpty {
      figures.append(
        ("relative-distance", Figure(FigureLibrary.relativeDistanceCurve(distances, title: title))))
    }
    figures.append(("neurons", Figure(scatter(run, title))))
    if flow.shape.inputDimension == 2 {
      figures.append(
        (
          "function",
          Figure(
            FigureLibrary.learnedFunction(
              data: points, curve: try learnedFunction(run.finalState), title: title))
        ))
    }
    return figures
  }

  /// `f` around the data; for one input variable.
  func learnedFunction(_ state: [Double]) throws -> (x: [Double], f: [Double]) {
    try Studies.learnedFunction(state, flow.network, around: flow.data.inputs)
  }

  /// Orientation and amplitude of each neuron of a state.
  func neurons(_ state: [Double]) -> (orientation: [Double], amplitude: [Double]) {
    let picture = NeuronPicture(state.span, shape: flow.shape)
    return (picture.orientations, picture.amplitudes)
  }

  /// Orientation and amplitude of the neurons at the start and at the end.
  func scatter(_ run: FinishedRun, _ title: FigureText) -> Panel {
    FigureLibrary.orientationScatter(
      initial: neurons(run.initialState), final: neurons(run.finalState),
      orientation: flow.shape.inputDimension == 2 ? .angle : .projection, title: title)
  }

  /// The data's first coordinate and targets.
  var points: (x: [Double], y: [Double]) {
    ((0..<flow.data.sampleCount).map { flow.data.input($0).first! }, flow.data.targets)
  }
}
