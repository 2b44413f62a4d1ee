import GradientFlow
import LossesPlugins

/// A problem of a given size, and a state.
struct BenchProblem {
  let flow: TwoLayerFlow
  let state: [Double]

  init(
    m: Int, d: Int, n: Int, _ activation: any Activation, threads: Int = 1, path: FlowPath? = nil
  ) throws {
    var generator = SystemRandomNumberGenerator()
    let features = (0..<n).map { _ in
      (0..<(d - 1)).map { _ in Double.random(in: -1...1, using: &generator) }
    }
    let data = try Dataset(
      name: "random", features: features,
      targets: (0..<n).map { _ in .random(in: -1...1, using: &generator) })
    flow = try TwoLayerFlow(
      width: m, data: data, scaling: Scaling(gamma: 1, gammaPrime: 0, width: m),
      activation: activation, loss: SquaredLoss(), threads: threads, path: path)
    state = (0..<flow.dimension).map { _ in .random(in: -2...2, using: &generator) }
  }
}
