import Foundation
import GradientFlow
import ODECore

struct ReLU: Activation {
  let name = "relu"
  let homogeneity: Int? = 1
  let kinks = [0.0]
  let slopes: Slopes? = Slopes(negative: 0, positive: 1)

  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    for i in 0..<z.count {
      value[i] = max(z[i], 0)
      derivative[i] = z[i] > 0 ? 1 : 0
    }
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in 0..<z.count { result[i] = 0 }
  }
}

struct Tanh: Activation {
  let name = "tanh"

  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>
  ) {
    for i in 0..<z.count {
      value[i] = tanh(z[i])
      derivative[i] = 1 - value[i] * value[i]
    }
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in 0..<z.count { result[i] = -2 * tanh(z[i]) * (1 - tanh(z[i]) * tanh(z[i])) }
  }
}

/// `(f - y)^2 / 2`, or the same under a name that promises nothing.
struct SquaredLoss: Loss {
  let name = "mse"
  var isSquared = true

  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    for i in 0..<f.count {
      derivative[i] = f[i] - y[i]
      value[i] = derivative[i] * derivative[i] / 2
    }
  }

  func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in 0..<f.count { result[i] = 1 }
  }
}

func makeFlow(
  width: Int, features: [[Double]] = [[0]], targets: [Double] = [0], kappa: Double = 1,
  kappaPrime: Double = 1, activation: any Activation = ReLU(), loss: any Loss = SquaredLoss()
) throws -> TwoLayerFlow {
  try TwoLayerFlow(
    width: width, data: Dataset(name: "test", features: features, targets: targets),
    scaling: Scaling(kappa: kappa, kappaPrime: kappaPrime), activation: activation, loss: loss)
}

/// The state vector of these neurons, in the layout of `NetworkShape`.
func state(_ neurons: [(a: Double, w: [Double])]) -> [Double] {
  neurons.map(\.a) + neurons[0].w.indices.flatMap { j in neurons.map { $0.w[j] } }
}

extension FlowObserver {
  /// The calls of a run that shows these states, each an accepted step and a recorded time.
  func watch(_ flow: TwoLayerFlow, _ run: [(t: Double, y: [Double])]) throws -> [String:
    ObservedValue]
  {
    for (i, point) in run.enumerated() {
      try flow.withSnapshot(at: point.t, of: point.y) {
        if i == 0 { try begin($0) } else if watchesSteps { try step($0) }
        let row = try record($0)
        precondition(row.count == columns.count)
      }
    }
    return try flow.withSnapshot(at: run.last!.t, of: run.last!.y) { try finish($0) }
  }
}

extension [String: ObservedValue] {
  /// The number under `key`; a missing one or another kind traps.
  func number(_ key: String) -> Double {
    switch self[key] {
    case .number(let value): value
    case .integer(let value): Double(value)
    case let other: preconditionFailure("\(key) is \(String(describing: other))")
    }
  }
}

extension Double {
  /// Within a few roundings of `other`.
  func isNear(_ other: Double, relative: Double = 1e-13) -> Bool {
    abs(self - other) <= relative * Swift.max(abs(self), abs(other))
  }
}
