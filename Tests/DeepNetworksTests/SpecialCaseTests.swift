import ActivationsPlugins
import DeepNetworks
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import RungeKutta
import Testing

@Suite("What is known of networks of any depth without an oracle")
struct SpecialCaseTests {
  private static let points = try! Dataset(
    name: "four", features: [[-0.5], [-1.0 / 6], [1.0 / 6], [0.5]], targets: [0.25, 1.0 / 36, 1.0 / 36, 0.25])

  @Test("one hidden layer and one output are the two-layer flow", arguments: [0, 1])
  func twoLayers(_ index: Int) throws {
    let activation: any Activation = index == 0 ? ReLU() : Tanh()
    let (m, d) = (37, 2)
    let scaling = try Scaling(gamma: 1.3, gammaPrime: 0.2, width: m)
    let old = try TwoLayerFlow(
      width: m, data: Self.points, scaling: scaling, activation: activation, loss: SquaredLoss())
    let network = DeepNetwork(widths: [d, m, 1], kappa: scaling.kappa, activations: [activation])
    let new = try ArchitectureFlow(
      architecture: network, mobilities: [scaling.kappaPrime, 1 / scaling.kappaPrime],
      data: Self.points.samples, loss: SquaredLoss())
    let start = try GaussianStart(seed: 3).state(for: old.shape)
    func deep(_ y: [Double]) -> [Double] {
      (0..<m).flatMap { k in (0..<d).map { y[old.shape.indexOfW(k, $0)] } } + y[0..<m]
    }
    #expect(difference(try new.derivative(at: deep(start)), deep(try old.derivative(at: start))) < 1e-13)
    let kernel = try old.gramMatrix(start.span).sum.map { $0 * Double(m) / 4 }
    #expect(difference(new.kernel(deep(start).span), kernel) < 1e-13)
    let method = DormandPrince(rtol: 1e-9, atol: 1e-10)
    let ends = try (
      integrate(ODEProblem(new, to: 3, initialState: deep(start)), with: method).state,
      integrate(ODEProblem(old, to: 3, initialState: start), with: method).state
    )
    // Kinks amplify differences of rounding in the step sizes to the size of the tolerance.
    #expect(difference(ends.0, deep(ends.1)) < 1e-7)
  }

  @Test("every hidden unit of a homogeneous network keeps out^2/mu - in^2/mu", arguments: [false, true])
  func conservation(_ hasBiases: Bool) throws {
    let network = DeepNetwork(
      widths: [2, 12, 10, 8, 2], kappa: 0.05, activations: [ReLU(), LeakyReLU(slope: 0.2), ReLU()],
      hasBiases: hasBiases)
    let data = Samples(
      inputs: Self.points.inputs, targets: [0.3, -0.2, 0.1, 0.4, -0.3, 0.2, 0.5, 0.1], outputCount: 2)
    let flow = try ArchitectureFlow(
      architecture: network, mobilities: [2, 0.5, 1.5, 2.0 / 3], data: data, loss: SquaredLoss())
    let start = try DeepStart(seed: 8).state(for: network)
    let end = try integrate(
      ODEProblem(flow, to: 3, initialState: start), with: DormandPrince(rtol: 1e-7, atol: 1e-8)
    ).state
    #expect(difference(end, start) > 0.01)
    let law = LayerConservation(network, flow.mobilities, start.span)
    #expect(law.largestDefect(end.span) < 1e-6)
    // The law is broken by any other motion.
    var moved = end
    moved[0] += 0.01
    #expect(law.largestDefect(moved.span) > 1e-4)
  }

  @Test("results do not depend on the number of threads", arguments: [4, 40])
  func threads(_ n: Int) throws {
    let network = DeepNetwork(
      widths: [3, 600, 700, 2], kappa: 0.01, activations: [ReLU(), Tanh()], hasBiases: true)
    let values = (0..<n).flatMap { (i: Int) -> [Double] in [sin(Double(3 * i)), cos(Double(5 * i)), 1] }
    let data = Samples(
      inputs: Inputs(values, dimension: 3), targets: (0..<2 * n).map { sin(Double($0)) }, outputCount: 2)
    let start = try DeepStart(seed: 4).state(for: network)
    let results = try [1, 2, 5].map { threads -> [UInt64] in
      let flow = try ArchitectureFlow(
        architecture: network, mobilities: [1, 2, 0.5], data: data, loss: SquaredLoss(), threads: threads)
      return (try flow.derivative(at: start) + flow.kernel(start.span)).map(\.bitPattern)
    }
    #expect(results[1] == results[0] && results[2] == results[0])
  }

  @Test("an antisymmetric start has f = 0 and a kernel in every layer")
  func antisymmetric() throws {
    let network = DeepNetwork(
      widths: [2, 8, 6, 4, 1], kappa: 1, activations: [ReLU(), ReLU(), ReLU()], hasBiases: true)
    let flow = try ArchitectureFlow(
      architecture: network, mobilities: [1, 1, 1, 1], data: Self.points.samples, loss: SquaredLoss())
    let start = try DeepStart(seed: 5, isAntisymmetric: true).state(for: network)
    let outputs = flow.forward(start.span).predictions
    #expect(outputs.allSatisfy { abs($0) < 1e-13 })
    for layer in 1...4 { #expect(flow.kernel(start.span, layer: layer)[0] > 1e-6) }
    #expect(throws: GaussianStartError.oddWidth(5)) {
      try DeepStart(seed: 1, isAntisymmetric: true).state(
        for: DeepNetwork(widths: [2, 4, 5, 1], kappa: 1, activations: [ReLU(), ReLU()]))
    }
  }

  /// `W_l = beta_l Wbar_l`, `t = T tbar`: `dW_l/dt = (beta_l / T) dWbar_l/dtbar`.
  @Test("the original model's flow is the normalised one's in other units")
  func originalModel() throws {
    let model = try DeepOriginalModel(alpha: 3, betas: [0.5, 1.5, 0.8])
    let scaling = try model.scaling
    #expect(abs(scaling.mobilities.reduce(1, *) - 1) < 1e-14)
    let widths = [2, 6, 5, 1]
    func network(_ kappa: Double) -> DeepNetwork {
      DeepNetwork(widths: widths, kappa: kappa, activations: [ReLU(), ReLU()])
    }
    func flow(_ kappa: Double, _ mobilities: [Double]) throws -> ArchitectureFlow {
      try ArchitectureFlow(
        architecture: network(kappa), mobilities: mobilities, data: Self.points.samples, loss: SquaredLoss())
    }
    let (normalised, original) = try (flow(scaling.kappa, scaling.mobilities), flow(1.0 / 3, [1, 1, 1]))
    let start = try DeepStart(seed: 6).state(for: network(1))
    func scaled(_ y: [Double], by unit: Double) -> [Double] {
      network(1).blocks.flatMap { block in block.range.map { y[$0] * model.betas[block.layer - 1] / unit } }
    }
    #expect(
      difference(
        try original.derivative(at: scaled(start, by: 1)),
        scaled(try normalised.derivative(at: start), by: model.timeUnit)) < 1e-13)
    // Two layers: (8), with beta1 and beta2 counted from the output.
    let two = try DeepOriginalModel(alpha: 2, betas: [0.5, 0.8]).scaling
    let paper = try OriginalModel(alpha: 2, beta1: 0.8, beta2: 0.5).scaling(for: ReLU())
    #expect(abs(two.kappa - paper.kappa) < 1e-15 && abs(two.mobilities[0] - paper.kappaPrime) < 1e-14)
  }

  /// Exponents of kappa for equal widths, from the products of the betas by hand.
  @Test(
    "named initialisations",
    arguments: [
      (DeepInitialization.lecun, 1.0), (.he, 1), (.xavier, 1.5), (.ntk, 1), (.meanField, 2), (.mup, 1.5),
    ])
  func initializations(_ named: DeepInitialization, _ gamma: Double) throws {
    func kappa(_ m: Int) throws -> Double { try named.model(widths: [2, m, m, 1]).scaling.kappa }
    let slope = try log(kappa(1_000_000) / kappa(1_000)) / log(1000)
    #expect(abs(slope + gamma) < 1e-3)
  }
}
