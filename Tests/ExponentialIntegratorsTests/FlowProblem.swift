import ActivationsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore

/// A small flow with random data.
struct FlowProblem {
  let flow: TwoLayerFlow
  let start: [Double]

  init(
    width m: Int = 20, samples n: Int = 6, inputs d: Int = 3, gamma: Double = 0.7, gammaPrime: Double = 0.2,
    activation: any Activation = Tanh(), loss: any Loss = SquaredLoss(), threads: Int? = 1,
    path: FlowPath? = nil,
    signs: Bool = false
  ) throws {
    var numbers = Numbers(state: UInt64(m + 1000 * n + 100_000 * d))
    let data = try Dataset(
      name: "random", features: (0..<n).map { _ in (1..<d).map { _ in numbers.next() } },
      targets: (0..<n).map { _ in signs ? (numbers.next() > 0 ? 1 : -1) : numbers.next() })
    flow = try TwoLayerFlow(
      width: m, data: data, scaling: Scaling(gamma: gamma, gammaPrime: gammaPrime, width: m),
      activation: activation, loss: loss, threads: threads, path: path)
    start = try GaussianStart(seed: 3).state(for: flow.shape)
  }

  func problem(to end: Double) throws -> ODEProblem { try ODEProblem(flow, to: end, initialState: start) }

  /// A linear congruential generator is enough to spread points.
  private struct Numbers {
    var state: UInt64
    mutating func next() -> Double {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(state >> 33) / Double(1 << 30) - 1
    }
  }
}

func distance(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
}
