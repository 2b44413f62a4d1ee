import DeepNetworks
import GradientFlow

/// `f` on an even grid over the range of the inputs and a fifth beyond it; for one input variable (`d = 2`).
package func learnedFunction(
  _ state: [Double], _ network: Network, around inputs: Inputs
) throws -> (x: [Double], f: [Double]) {
  let grid = functionGrid(around: inputs)
  return (grid, try network.outputs(state.span, at: Inputs(features: grid.map { [$0] })))
}

/// The same of a network of any depth, less its value at `start` if that is given.
func learnedFunction(
  _ state: [Double], _ network: DeepNetwork, around inputs: Inputs, from start: [Double]?
) throws -> (x: [Double], f: [Double]) {
  let grid = functionGrid(around: inputs)
  let evaluation = try network.makeEvaluation(at: Inputs(features: grid.map { [$0] }), threads: 1)
  func outputs(_ state: [Double]) -> [Double] {
    var f = [Double](repeating: 0, count: grid.count)
    var span = f.mutableSpan
    evaluation.evaluate(state.span, outputs: &span)
    return f
  }
  let f = outputs(state)
  return (grid, start.map { zip(f, outputs($0)).map { $0 - $1 } } ?? f)
}

/// An even grid over the range of the first coordinate and a fifth beyond it.
func functionGrid(around inputs: Inputs) -> [Double] {
  let x = (0..<inputs.count).map { inputs[$0].first! }
  let (low, high) = (x.min()!, x.max()!)
  let margin = high > low ? 0.2 * (high - low) : 1
  return (0...400).map { low - margin + (high - low + 2 * margin) * Double($0) / 400 }
}
