import GradientFlow
import ODECore
import Testing

/// The paper's four points, y = x^2: the best constant, and the best affine function, is 5/36, with residuals
/// -1/9, 1/9, 1/9, -1/9 and R = 1/162. Neurons that are active everywhere see an affine problem: there they rest.
@Suite("A flow is at rest")
struct RestTests {
  private static let x = [-0.5, -1.0 / 6, 1.0 / 6, 0.5]

  private func flow(_ activation: PointwiseActivation, width: Int, kappa: Double = 0.25) throws
    -> TwoLayerFlow
  {
    try TwoLayerFlow(
      width: width,
      data: Dataset(name: "four", features: Self.x.map { [$0] }, targets: Self.x.map { $0 * $0 }),
      scaling: Scaling(kappa: kappa, kappaPrime: 1), activation: activation, loss: PointwiseLoss.squared)
  }

  private func isAtRest(
    _ activation: PointwiseActivation, _ neurons: [[Double]], tolerance: Double = 1e-6
  ) throws -> Bool {
    try flow(activation, width: neurons.count).isAtRest(0, state(neurons).span, tolerance: tolerance)
  }

  /// `kappa a w = 5/36` in all: two neurons that are active everywhere and fit the best constant.
  private static let plateau: [[Double]] = [[5.0 / 18, 0, 1], [5.0 / 9, 0, 0.5]]
  private static let dead = [-0.7, 0.3, -2]

  @Test("where all neurons are dead") func dead() throws {
    #expect(try isAtRest(.relu, [Self.dead, [2, -0.1, -1]]))
    #expect(try !isAtRest(.leakyReLU, [Self.dead, [2, -0.1, -1]]))
    #expect(try !isAtRest(.relu, [Self.dead, [1.9, -3, -1]]), "active at x = -1/2")
  }

  @Test("on a plateau of the risk, and near it by no more than the tolerance") func plateau() throws {
    #expect(try isAtRest(.relu, Self.plateau))
    #expect(try isAtRest(.relu, Self.plateau + [Self.dead]))
    // f is off by 1e-9, 1e-3 of 5/72.
    let (near, far) = (
      [[5.0 / 18 * (1 + 1e-9), 0, 1], Self.plateau[1]], [[5.0 / 18 * 1.001, 0, 1], Self.plateau[1]]
    )
    #expect(try isAtRest(.relu, near))
    #expect(try !isAtRest(.relu, near, tolerance: 1e-10))
    #expect(try !isAtRest(.relu, far))
  }

  @Test(
    "but not where the smallest neuron is pulled on: it will grow, if only after a long time",
    arguments: [1, 1e-8, 1e-30, 1e-150])
  func saddle(_ size: Double) throws {
    // Active at x = 1/2 alone.
    for seed in [[1, 1, -0.25], [-1, 1, -0.25], [0, 1, -0.25]] {
      #expect(try !isAtRest(.relu, Self.plateau + [seed.map { $0 * size }]))
    }
    // The start that leaves the origin: every neuron is tiny.
    #expect(try !isAtRest(.relu, [[size, 0.6 * size, 0.8 * size], Self.dead]))
    #expect(try !isAtRest(.tanh, [[size, 0.6 * size, 0.8 * size]]))
  }

  @Test("nor where the residuals still decay towards zero, however small they are") func decay() throws {
    // kappa sum a relu(w.x) = x^2 + error: three neurons' kinks at -1/6, 1/6 make the spline through the points.
    func spline(_ error: Double) -> [[Double]] {
      let slope = 4.0 * 2 / 3
      return [
        [4 * (1.0 / 36 + error), 0, 1], [slope, -1, -1.0 / 6], [slope, 1, -1.0 / 6], Self.dead,
      ]
    }
    #expect(try flow(.relu, width: 4).risk(state(spline(0)).span) < 1e-30)
    #expect(try !isAtRest(.relu, spline(1e-6)))
    #expect(try !isAtRest(.relu, spline(1e-10)))
    #expect(try isAtRest(.relu, spline(0)), "residuals are rounding")
  }

  @Test("with a smooth activation, where it bends upwards in every direction") func bends() throws {
    // tanh(1) = 0.7616: one neuron fits the constant. a sigma''(w.x) < 0 and sum_i e_i x_i^2 < 0: to both sides R rises.
    let constant = [5.0 / 36 / 0.25 / 0.761_594_155_955_764_9, 0, 1]
    #expect(try isAtRest(.tanh, [constant]))
    #expect(try isAtRest(.tanh, [constant.map { -$0 }]))
    // Three neurons fit the same constant, one of them with the other sign of a: there R falls to both sides.
    #expect(try isAtRest(.tanh, [constant, constant, [-constant[0], 0, -1]].map { [$0[0] / 3, 0, $0[2]] }))
    #expect(try !isAtRest(.tanh, [constant, constant, [-constant[0], 0, 1]]))
    #expect(try !isAtRest(.tanh, [[constant[0], 0.01, 1]]))
  }

  private func state(_ neurons: [[Double]]) -> [Double] {
    (0..<3).flatMap { column in neurons.map { $0[column] } }
  }
}
