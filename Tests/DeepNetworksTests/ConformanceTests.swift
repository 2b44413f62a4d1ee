import ActivationsPlugins
import DeepNetworks
import Networks
import ODETestKit
import Testing

/// What an architecture can get wrong.
enum Mutation: CaseIterable, Sendable {
  case none, gradient, factors, adding, tangent, secondDerivatives, kernel, memory, blocks
}

/// A sound network with one fault.
struct MutantNetwork: Architecture {
  let network: DeepNetwork
  let mutation: Mutation

  var name: String { network.name }
  var inputDimension: Int { network.inputDimension }
  var outputCount: Int { network.outputCount }
  var hasKinks: Bool { network.hasKinks }
  var blocks: [ParameterBlock] { mutation == .blocks ? Array(network.blocks.dropFirst()) : network.blocks }

  func makeEvaluation(at inputs: Inputs, threads: Int) throws -> any ArchitectureEvaluation {
    MutantEvaluation(try network.makeEvaluation(at: inputs, threads: threads), mutation)
  }
}

private final class MutantEvaluation: ArchitectureEvaluation {
  private let sound: any ArchitectureEvaluation
  private let mutation: Mutation
  private var calls = 0.0

  init(_ sound: any ArchitectureEvaluation, _ mutation: Mutation) {
    (self.sound, self.mutation) = (sound, mutation)
  }

  var remembersState: Bool { sound.remembersState }

  func evaluate(_ theta: Span<Double>, outputs f: inout MutableSpan<Double>) {
    sound.evaluate(theta, outputs: &f)
    calls += 1
    if mutation == .memory { f[0] += 1e-9 * calls }
  }

  func gradient(
    _ theta: Span<Double>, weights r: Span<Double>, factors: [Double], adds: Bool,
    into g: inout MutableSpan<Double>
  ) {
    sound.gradient(
      theta, weights: r, factors: mutation == .factors ? factors.map { _ in 1 } : factors,
      adds: mutation == .adding ? false : adds, into: &g)
    if mutation == .gradient { g[0] *= 1 + 1e-4 }
  }

  func tangent(_ theta: Span<Double>, direction v: Span<Double>, into df: inout MutableSpan<Double>) {
    sound.tangent(theta, direction: v, into: &df)
    if mutation == .tangent { df[0] *= 1 + 1e-4 }
  }

  func gradientTangent(
    _ theta: Span<Double>, direction v: Span<Double>, weights r: Span<Double>, weightsTangent q: Span<Double>,
    factors: [Double], into g: inout MutableSpan<Double>
  ) {
    sound.gradientTangent(
      theta, direction: v, weights: r, weightsTangent: q, factors: factors, into: &g)
    // As if the network had no second derivatives.
    if mutation == .secondDerivatives {
      sound.gradient(theta, weights: q, factors: factors, adds: false, into: &g)
    }
  }

  func kernel(_ theta: Span<Double>, factors: [Double], into k: inout MutableSpan<Double>) {
    sound.kernel(theta, factors: factors, into: &k)
    if mutation == .kernel { k[0] *= 1 + 1e-4 }
  }
}

@Suite("The suite for architectures")
struct ArchitectureConformanceTests {
  @Test("finds each fault, and none in a sound one", arguments: Mutation.allCases)
  func mutants(_ mutation: Mutation) throws {
    let network = DeepNetwork(
      widths: [2, 5, 4, 2], kappa: 0.6, activations: [Tanh(), Softplus()], hasBiases: true)
    let inputs = Inputs(features: [[-0.4], [0.3], [0.8]])
    let theta = try DeepStart(seed: 11).state(for: network)
    let mutant = MutantNetwork(network: network, mutation: mutation)
    let found = ArchitectureConformance().violations(of: mutant, at: inputs, theta: theta)
    #expect(found.isEmpty == (mutation == .none), "\(found)")
  }

  /// Along a direction with elements of size 1 the outputs of thousands of parameters bend within a hundredth.
  @Test("needs no settings for a network of many parameters", arguments: [5, 30])
  func manyParameters(_ width: Int) throws {
    let network = DeepNetwork(
      widths: [2, width, width, width, 1], kappa: 0.2, activations: [Tanh(), Tanh(), Tanh()])
    let theta = try DeepStart(seed: 12).state(for: network).map { 0.3 * $0 }
    let inputs = Inputs(features: [[-0.4], [0.3], [0.8]])
    #expect(ArchitectureConformance().violations(of: network, at: inputs, theta: theta) == [])
  }
}
