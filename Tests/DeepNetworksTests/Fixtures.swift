import ActivationsPlugins
import DeepNetworks
import Foundation
import LossesPlugins
import ODECore
import Testing

/// Reads a fixture written by a script of `Tests/Oracles`.
func fixture<T: Decodable>(_ name: String, as type: T.Type) -> T {
  let url = Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures")!
  return try! JSONDecoder().decode(type, from: Data(contentsOf: url))
}

func activation(_ name: String) -> any Activation {
  switch name {
  case "relu": ReLU()
  case "leaky-relu": LeakyReLU(slope: 0.1)
  case "tanh": Tanh()
  case "softplus": Softplus()
  case "identity": Identity()
  case "sigmoid": Sigmoid()
  case "sine": Sine()
  default: preconditionFailure(name)
  }
}

func loss(_ name: String) -> any Loss {
  switch name {
  case "mse": SquaredLoss()
  case "logistic": LogisticLoss()
  case "cross-entropy": CrossEntropyLoss()
  default: preconditionFailure(name)
  }
}

/// A case of `Tests/Oracles/deep_gradients.py`: 50-digit finite differences of outputs and risk.
struct GradientCase: Decodable, CustomTestStringConvertible, Sendable {
  let widths: [Int]
  let activations: [String]
  let biases: Bool
  let loss: String
  let kappa: Double
  let mobilities: [Double]
  let x: [[Double]]
  let y: [Double]
  let theta: [Double]
  let v: [Double]
  let offsets: [Double]
  let outputs: [Double]
  let risk: Double
  let derivative: [Double]
  let jv: [Double]
  let kernel: [Double]

  var testDescription: String { "\(widths) \(activations) \(loss)" }

  private struct File: Decodable { let cases: [GradientCase] }
  static let all = fixture("deep_gradients", as: File.self).cases

  var network: DeepNetwork {
    DeepNetwork(widths: widths, kappa: kappa, activations: activations.map(activation), hasBiases: biases)
  }
  var inputs: Inputs { Inputs(x.flatMap { $0 }, dimension: widths[0]) }

  func flow(threads: Int? = 1) throws -> ArchitectureFlow {
    try ArchitectureFlow(
      architecture: network, mobilities: mobilities,
      data: Samples(inputs: inputs, targets: y, outputCount: widths.last!),
      loss: DeepNetworksTests.loss(loss),
      offsets: offsets, threads: threads)
  }
}

/// The largest difference, relative to the largest expected number.
func difference(_ given: [Double], _ expected: [Double]) -> Double {
  precondition(given.count == expected.count)
  let size = max(expected.map(abs).max() ?? 0, 1e-300)
  return (zip(given, expected).map { abs($0 - $1) }.max() ?? 0) / size
}

extension ODESystem {
  func derivative(at y: [Double]) throws -> [Double] {
    var dy = [Double](repeating: .nan, count: y.count)
    var span = dy.mutableSpan
    try derivative(0, y.span, into: &span)
    return dy
  }
}
