import Foundation
import GradientFlow
import Testing

/// A case of `Tests/Oracles/flow_gradients.py`: 50-digit finite differences of the risk alone.
private struct OracleCase: Decodable, CustomTestStringConvertible {
  let activation: String
  let loss: String
  let m: Int
  let d: Int
  let n: Int
  let kappa: Double
  let kappaPrime: Double
  let x: [[Double]]
  let y: [Double]
  let theta: [Double]
  let v: [Double]
  let risk: Double
  let outputs: [Double]
  let rhs: [Double]
  let jv: [Double]

  var testDescription: String { "\(activation), \(loss), m=\(m) d=\(d) n=\(n)" }

  static let all: [OracleCase] = {
    let url = Bundle.module.url(
      forResource: "flow_gradients", withExtension: "json", subdirectory: "Fixtures")!
    return try! JSONDecoder().decode([OracleCase].self, from: Data(contentsOf: url))
  }()

  /// The flow by each path that can serve it.
  func flows() throws -> [TwoLayerFlow] {
    let activation = try PointwiseActivation.named(activation)
    let data = try Dataset(name: "oracle", features: x.map { Array($0.dropLast()) }, targets: y)
    return try FlowPath.exact.filter { $0 != .fused || activation.slopes != nil }.map { path in
      try TwoLayerFlow(
        width: m, data: data, scaling: Scaling(kappa: kappa, kappaPrime: kappaPrime),
        activation: activation, loss: PointwiseLoss.named(loss), path: path)
    }
  }
}

/// At most 40 roundings of numbers up to about ten times the result: 1e-13 leaves a factor of two.
private let rounding = 1e-13

@Suite("The flow against 50-digit differences of the risk")
struct OracleTests {
  @Test("the fixture has every pair of an activation and a loss")
  func complete() {
    let pairs = Set(OracleCase.all.map { "\($0.activation)/\($0.loss)" })
    #expect(pairs.count == PointwiseActivation.all.count * PointwiseLoss.all.count)
  }

  @Test("risk and outputs agree", arguments: OracleCase.all)
  fileprivate func risk(_ oracle: OracleCase) throws {
    for flow in try oracle.flows() {
      let pass = flow.forward(oracle.theta.span)
      #expect(abs(pass.loss - oracle.risk) <= rounding * max(1, oracle.risk), "\(flow.path)")
      #expect(relativeDifference(pass.predictions, oracle.outputs) <= rounding, "\(flow.path)")
    }
  }

  @Test("the right-hand side is -M grad R", arguments: OracleCase.all)
  fileprivate func rightHandSide(_ oracle: OracleCase) throws {
    for flow in try oracle.flows() {
      #expect(
        relativeDifference(flow.derivative(at: oracle.theta), oracle.rhs) <= rounding, "\(flow.path)")
    }
  }

  @Test("the Jacobian-vector product is exact", arguments: OracleCase.all)
  fileprivate func jacobianVectorProduct(_ oracle: OracleCase) throws {
    for flow in try oracle.flows() {
      #expect(
        relativeDifference(flow.product(at: oracle.theta, oracle.v), oracle.jv) <= rounding,
        "\(flow.path)")
    }
  }
}
