import Foundation
import GradientFlow

/// `max(z, 0)`.
struct BenchReLU: Activation {
  let name = "relu"
  let kinks = [0.0]
  let slopes: Slopes? = Slopes(negative: 0, positive: 1)
  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    for i in z.indices { (value[i], derivative[i]) = z[i] > 0 ? (z[i], 1) : (0, 0) }
  }
  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in z.indices { result[i] = 0 }
  }
}

/// `tanh z` by the C library, an element at a time: what an author writes first.
struct BenchTanh: Activation {
  let name = "tanh"
  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    for i in z.indices {
      let t = tanh(z[i])
      (value[i], derivative[i]) = (t, 1 - t * t)
    }
  }
  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in z.indices {
      let t = tanh(z[i])
      result[i] = -2 * t * (1 - t * t)
    }
  }
}

struct BenchSquaredLoss: Loss {
  let name = "mse"
  let isSquared = true
  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    for i in f.indices {
      let e = f[i] - y[i]
      (value[i], derivative[i]) = (e * e / 2, e)
    }
  }
  func secondDerivative(
    _ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>
  ) {
    for i in f.indices { result[i] = 1 }
  }
}

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
      activation: activation, loss: BenchSquaredLoss(), threads: threads, path: path)
    state = (0..<flow.dimension).map { _ in .random(in: -2...2, using: &generator) }
  }
}
