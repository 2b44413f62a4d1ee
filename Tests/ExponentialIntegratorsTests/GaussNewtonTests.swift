import ActivationsPlugins
import ExponentialIntegrators
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import RungeKutta
import Testing

@Suite("Phi functions of a flow's Gauss-Newton part")
struct GaussNewtonTests {
  private func apply(_ flow: TwoLayerFlow, _ v: [Double]) throws -> [Double] {
    let result = StateVector(count: v.count)
    result.withMutableSpan { flow.applyLinearPart(v.span, into: &$0) }
    return result.array
  }

  private func phi(_ flow: TwoLayerFlow, _ h: Double, _ vectors: [[Double]]) throws -> [Double] {
    let result = StateVector(count: flow.dimension)
    let rows = vectors.flatMap { $0 }
    try result.withMutableSpan {
      try flow.applyPhi(h: h, rows.span, highest: vectors.count - 1, into: &$0)
    }
    return result.array
  }

  private static let cases: [(any Activation, any Loss, Bool)] = [
    (Tanh(), SquaredLoss(), false), (ReLU(), SquaredLoss(), false), (Softplus(), LogisticLoss(), true),
  ]

  /// The rest of the Jacobian is a sum over `l'_i`: where that vanishes, at targets that the network meets, `J = L`.
  @Test("the part is the Jacobian where residuals vanish")
  func jacobian() throws {
    let network = try FlowProblem()
    let data = try Dataset(
      name: "met", features: (0..<6).map { Array(network.flow.data.input($0).dropLast()) },
      targets: network.flow.forward(network.start.span).predictions)
    let flow = try TwoLayerFlow(
      width: 20, data: data, scaling: network.flow.scaling, activation: Tanh(), loss: SquaredLoss())
    try flow.preparePhi(0, network.start.span)
    let v = (0..<flow.dimension).map { sin(Double($0)) }
    let product = StateVector(count: flow.dimension)
    product.withMutableSpan { flow.jacobianVectorProduct(0, network.start.span, v.span, into: &$0) }
    // Residuals are rounding.
    #expect(distance(try apply(flow, v), product.array) < 1e-12 * Double(flow.dimension))
  }

  /// `h L phi_(k+1) v = phi_k v - v/k!` defines phi functions; `phi_0` is the flow of `y' = L y`, by Dormand-Prince at 1e-12.
  @Test("recurrence, exponential and sums of several", arguments: [0, 1, 2], [1e-3, 1, 1e3])
  func recurrence(_ index: Int, _ scale: Double) throws {
    let (activation, loss, signs) = Self.cases[index]
    for path in [FlowPath.blocked, .gemm] {
      let problem = try FlowProblem(activation: activation, loss: loss, path: path, signs: signs)
      let flow = problem.flow
      let h = scale / (try flow.spectralRadius(0, problem.start.span))
      try flow.preparePhi(0, problem.start.span)
      let v = (0..<flow.dimension).map { cos(3 * Double($0)) }
      let zero = [Double](repeating: 0, count: v.count)
      let size = distance(v, zero)
      var factorial = 1.0
      var values: [[Double]] = []
      for k in 0...4 {
        let rows = [[Double]](repeating: zero, count: k) + [v]
        values.append(try phi(flow, h, rows))
      }
      for k in 0..<4 {
        if k > 0 { factorial *= Double(k) }
        let left = try apply(flow, values[k + 1]).map { h * $0 }
        let right = zip(values[k], v).map { $0 - $1 / factorial }
        // Krylov spaces converge to 1e-9.
        #expect(distance(left, right) < 1e-7 * size * max(1, scale * 1e-3), "k = \(k)")
      }
      let w = (0..<flow.dimension).map { sin(5 * Double($0)) }
      let both = try phi(flow, h, [zero, v, w])
      let sum = zip(values[1], try phi(flow, h, [zero, zero, w])).map { $0 + $1 }
      #expect(distance(both, sum) < 1e-12 * size)
      guard scale == 1 else { continue }
      let linear = ClosureSystem(dimension: flow.dimension) { _, y, dy in flow.applyLinearPart(y, into: &dy) }
      let solution = try integrate(
        ODEProblem(linear, to: h, initialState: v), with: DormandPrince(rtol: 1e-12, atol: 1e-12))
      #expect(distance(solution.state, values[0]) < 1e-8 * size)
    }
  }

  @Test("the number of threads does not change a bit") func threads() throws {
    let results = try [1, 2, 3].map { threads in
      let problem = try FlowProblem(width: 900, samples: 140, inputs: 30, threads: threads)
      try problem.flow.preparePhi(0, problem.start.span)
      return try phi(problem.flow, 1, [problem.start, problem.start])
    }
    #expect(results[0] == results[1])
    #expect(results[0] == results[2])
  }
}
