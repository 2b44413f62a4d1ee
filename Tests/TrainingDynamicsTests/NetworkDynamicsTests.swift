import ActivationsPlugins
import DeepNetworks
import DynamicsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import ODETestKit
import RungeKutta
import Testing
import TrainingDynamics

@Suite("Networks under other dynamics")
struct NetworkDynamicsTests {
  static let points = try! Dataset(
    name: "four", features: [[-0.5], [-1.0 / 6], [1.0 / 6], [0.5]], targets: [0.25, 1.0 / 36, 1.0 / 36, 0.25])
  static let dynamics: [any Dynamics] = [WeightDecay(rate: 0.3), HeavyBall(epsilon: 0.5), Nesterov()]

  static func twoLayers(_ activation: any Activation = Tanh()) throws -> TwoLayerFlow {
    try TwoLayerFlow(
      width: 12, data: points, scaling: Scaling(kappa: 0.3, kappaPrime: 1.7), activation: activation,
      loss: SquaredLoss())
  }

  static func threeLayers(_ activation: any Activation = Softplus()) throws -> ArchitectureFlow {
    try ArchitectureFlow(
      architecture: DeepNetwork(
        widths: [2, 6, 5, 1], kappa: 0.2, activations: [activation, activation], hasBiases: false),
      mobilities: [1.5, 0.5, 2], data: points.samples, loss: SquaredLoss())
  }

  static func state(_ count: Int) -> [Double] { (0..<count).map { sin(Double(3 * $0 + 1)) } }

  // Products by differences of the right-hand side, Newton's systems by their residual.
  @Test("are sound systems, with exact products and Newton systems", arguments: 0..<3)
  func conformance(_ index: Int) throws {
    for flow in try [Self.twoLayers(), Self.threeLayers()] as [any GradientSystem] {
      let system = DynamicsSystem.make(flow, Self.dynamics[index])
      #expect(system is LinearDynamicsSystem)
      let points = [0.7, 2].map { (t: $0, y: Self.state(system.dimension)) }
      #expect(SystemConformance().violations(of: system, at: points) == [])
    }
  }

  @Test("move as the force and the velocity say, to the bit")
  func derivative() throws {
    let flow = try Self.twoLayers()
    let n = flow.dimension
    let y = Self.state(2 * n)
    let force = try flow.derivative(0, Array(y[..<n]))
    let system = DynamicsSystem.make(flow, HeavyBall(epsilon: 0.5))
    let dy = try system.derivative(0, y)
    #expect(Array(dy[..<n]) == Array(y[n...]))
    for i in 0..<n {
      let pull: Double = 2 * force[i] + 0 * y[i]
      #expect(dy[n + i] == pull + -2 * y[n + i])
    }
  }

  /// What the gradient flow conserves decays as `exp(-2 rate t)` under weight decay: see ``WeightDecay``.
  @Test("with weight decay lose what is conserved otherwise at twice its rate")
  func conservation() throws {
    let (rate, end) = (0.3, 2.0)
    let flow = try Self.twoLayers(ReLU())
    let start = Self.state(flow.dimension)
    let method = DormandPrince(rtol: 1e-8, atol: 1e-9)
    let final = try integrate(
      ODEProblem(flow, to: end, initialState: start).moved(by: WeightDecay(rate: rate)), with: method
    ).state
    func laws(_ y: [Double]) -> [Double] {
      (0..<flow.shape.width).map { k in
        let w = (0..<2).map { y[flow.shape.indexOfW(k, $0)] }
        return flow.scaling.kappaPrime * flow.scaling.kappaPrime * y[k] * y[k] - w[0] * w[0] - w[1] * w[1]
      }
    }
    for (before, after) in zip(laws(start), laws(final)) {
      #expect(abs(after - before * exp(-2 * rate * end)) < 1e-6)
    }
    let deep = try Self.threeLayers(ReLU())
    let network = deep.architecture as! DeepNetwork
    let first = Self.state(deep.dimension)
    let last = try integrate(
      ODEProblem(deep, to: end, initialState: first).moved(by: WeightDecay(rate: rate)), with: method
    ).state
    // theta exp(rate t) obeys the law, relative to its size.
    let law = LayerConservation(network, deep.mobilities, first.span)
    let grown = last.map { $0 * exp(rate * end) }
    #expect(law.largestDefect(grown.span) < 1e-6)
    #expect(law.largestDefect(last.span) > 0.1)
  }

  @Test("of two layers and of any depth are the same", arguments: 0..<3)
  func twoWays(_ index: Int) throws {
    let old = try Self.twoLayers()
    let (m, d) = (12, 2)
    let new = try ArchitectureFlow(
      architecture: DeepNetwork(widths: [d, m, 1], kappa: 0.3, activations: [Tanh()]),
      mobilities: [1.7, 1 / 1.7], data: Self.points.samples, loss: SquaredLoss())
    let start = Self.state(old.dimension)
    func deep(_ y: [Double]) -> [Double] {
      (0..<m).flatMap { k in (0..<d).map { y[old.shape.indexOfW(k, $0)] } } + y[0..<m]
    }
    let method = DOP853(rtol: 1e-10, atol: 1e-11)
    func end(_ flow: any GradientSystem, _ start: [Double]) throws -> (state: [Double], energy: Double) {
      let problem = try ODEProblem(flow, to: 3, initialState: start).moved(by: Self.dynamics[index])
      let solution = try integrate(problem, with: method)
      let energy = try energyOf(problem.system as! DynamicsSystem, 3, solution.state)
      return (problem.ambientState(solution.state), energy)
    }
    let (a, b) = try (end(old, start), end(new, deep(start)))
    #expect(zip(deep(a.state), b.state).allSatisfy { abs($0 - $1) < 1e-8 })
    #expect(abs(a.energy - b.energy) < 1e-9)
  }

  @Test("written outside, not linear, are integrated by explicit methods")
  func ownDynamics() throws {
    /// `theta' = F / (1 + |F|)`.
    struct Clipped: Dynamics {
      let name = "clipped"
      let vectorCount = 1
      func derivative(
        _ t: Double, _ y: Span<Double>, force: Span<Double>, into dy: inout MutableSpan<Double>
      ) {
        var squares = 0.0
        for i in force.indices { squares += force[i] * force[i] }
        for i in force.indices { dy[i] = force[i] / (1 + squares.squareRoot()) }
      }
    }
    // One mode: q' = -s q / (1 + s q), hence log q + s q = log q_0 + s q_0 - s t.
    let flow = Quadratic([2], mu: [1], minimum: [0])
    let problem = try ODEProblem(flow, to: 3, initialState: [4]).moved(by: Clipped())
    #expect(!(problem.system is LinearDynamicsSystem))
    let q = try integrate(problem, with: DOP853(rtol: 1e-11, atol: 1e-12)).state[0]
    #expect(abs(log(q) + 2 * q - (log(4) + 8 - 6)) < 1e-9)
    #expect(try energyOf(problem.system as! DynamicsSystem, 0, [1]).isNaN)
  }
}
