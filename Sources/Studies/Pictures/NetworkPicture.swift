import Foundation
import GradientFlow

/// Orientation and amplitude `A_k = |a_k| |w_k|` of each neuron of `state`: the orientation is the angle of `w_k`
/// for `d = 2`, else the cosine of its angle to `(1, ..., 1)` (Figure 7).
package func neuronScatter(
  _ state: [Double], _ shape: NetworkShape
) -> (orientation: [Double], amplitude: [Double]) {
  let d = shape.inputDimension
  var (orientation, amplitude) = ([Double](), [Double]())
  orientation.reserveCapacity(shape.width)
  amplitude.reserveCapacity(shape.width)
  for k in 0..<shape.width {
    var (square, sum) = (0.0, 0.0)
    for j in 0..<d {
      let w = state[shape.indexOfW(k, j)]
      square += w * w
      sum += w
    }
    let norm = square.squareRoot()
    orientation.append(
      d == 2
        ? atan2(state[shape.indexOfW(k, 1)], state[shape.indexOfW(k, 0)])
        : norm > 0 ? sum / (norm * Double(d).squareRoot()) : 0)
    amplitude.append(abs(state[k]) * norm)
  }
  return (orientation, amplitude)
}

/// `f` on an even grid over the data's range and a fifth beyond it; for one input variable (`d = 2`).
package func learnedFunction(
  _ state: [Double], _ flow: TwoLayerFlow
) throws -> (x: [Double], f: [Double]) {
  let x = (0..<flow.data.sampleCount).map { flow.data.input($0).first! }
  let (low, high) = (x.min()!, x.max()!)
  let margin = high > low ? 0.2 * (high - low) : 1
  let grid = (0...400).map { low - margin + (high - low + 2 * margin) * Double($0) / 400 }
  let targets = grid.map { _ in flow.data.targets[0] }
  let onGrid = try TwoLayerFlow(
    width: flow.shape.width,
    data: Dataset(name: "grid", features: grid.map { [$0] }, targets: targets),
    scaling: flow.scaling, activation: flow.activation, loss: flow.loss, threads: flow.threads)
  return (grid, onGrid.forward(state.span).predictions)
}
