import ActivationsPlugins
import CDeepKernels
import DeepNetworks
import ExponentialIntegrators
import Foundation
import GradientFlow
import LossesPlugins
import Networks
import ODECore
import RungeKutta
import Testing

@Suite("Changes of large layers as factors")
struct LowRankTests {
  private static let points = Inputs(features: [[-0.5], [-1.0 / 6], [1.0 / 6], [0.5]])

  /// The width from which factors pay for four samples is 385.
  private func flow(_ gamma: Double, hasBiases: Bool = false) throws -> (ArchitectureFlow, [Double]) {
    let scaling = try DeepScaling(gamma: gamma, mobilityExponents: [0.1, -0.2, 0.1], width: 420)
    let network = DeepNetwork(
      widths: [2, 420, 410, 1], kappa: scaling.kappa, activations: [ReLU(), Tanh()], hasBiases: hasBiases)
    let start = try DeepStart(seed: 3).state(for: network)
    let plain = try ArchitectureFlow(
      architecture: network, mobilities: scaling.mobilities,
      data: Samples(inputs: Self.points, targets: [0.25, 1.0 / 36, 1.0 / 36, 0.25]), loss: SquaredLoss())
    return (try plain.centred(at: start), start)
  }

  /// The same method takes the same steps; what differs is what compressions left out.
  @Test(
    "a run is the same as with all weights, to what was left out", arguments: [(1.0, false), (1.3, true)])
  func sameRun(_ gamma: Double, _ hasBiases: Bool) throws {
    let (flow, start) = try flow(gamma, hasBiases: hasBiases)
    #expect(LowRankFlow.isWorthwhile(flow.architecture as! DeepNetwork, flow.data))
    let low = try LowRankFlow(flow, from: start, tolerance: 1e-6)
    #expect(low.dimension < flow.dimension / 2)
    let stop = 1e-1 * flow.risk(start.span)
    func run(_ system: any ODESystem, _ start: [Double], _ risk: @escaping (Span<Double>) -> Double) throws
      -> Solution
    {
      let event = Event("stop", direction: .falling, isTerminal: true, searchesInside: false) { _, y in
        log(risk(y) / stop)
      }
      return try integrate(
        ODEProblem(system, to: .infinity, initialState: start, events: [event]),
        with: ResidualMagnus(rtol: 1e-3))
    }
    let dense = try run(flow, start) { flow.risk($0) }
    let factors = try run(low, low.initialState) { low.risk($0) }
    #expect(low.compressions > 0)
    // A bound on what is missing of the second layer, relative to its change; amplified little in so short a run.
    let missing = low.dropped[1] / low.changes(factors.state.span)[1]
    // Well below the method's own tolerance.
    #expect(missing < 0.3e-3)
    #expect(abs(factors.time / dense.time - 1) < 10 * missing)
    let expected = LayerDistances(start.span, of: flow)(dense.state.span)
    let given = low.distances(factors.state.span)
    #expect(difference(given.layers, expected.layers) < 10 * missing)
    #expect(abs(given.theta / expected.theta - 1) < 10 * missing)
    let lifted = StateVector(count: flow.dimension)
    low.lift(factors.state.span, into: lifted)
    #expect(abs(flow.risk(lifted.array.span) / low.risk(factors.state.span) - 1) < 1e-9)
  }

  @Test("methods that add states are refused with a sentence")
  func refused() throws {
    let (flow, start) = try flow(1)
    let low = try LowRankFlow(flow, from: start, tolerance: 1e-7)
    #expect(throws: LowRankError.self) {
      try integrate(
        ODEProblem(low, to: 1, initialState: low.initialState), with: DormandPrince(rtol: 1e-3, atol: 1e-6))
    }
  }

  /// Five outer products and copies of them: rank 5, whose sum is formed element by element here.
  @Test("a compression keeps the sum and finds its rank")
  func compression() throws {
    let (units, inputs, count) = (30, 40, 15)
    var generator = PCG64(seed: 9)
    var u = (0..<count * units).map { _ in generator.nextNormal() }
    var v = (0..<count * inputs).map { _ in generator.nextNormal() }
    for q in 5..<count {
      for i in 0..<units { u[q * units + i] = u[(q % 5) * units + i] * Double(q) }
      for j in 0..<inputs { v[q * inputs + j] = v[(q % 5) * inputs + j] }
    }
    func sum(_ count: Int) -> [Double] {
      (0..<units * inputs).map { at in
        (0..<count).reduce(0) { $0 + u[$1 * units + at / inputs] * v[$1 * inputs + at % inputs] }
      }
    }
    let before = sum(count)
    var dropped = -1.0
    let kept = cdeep_compress(count, units, inputs, 1e-10, count, &u, &v, &dropped)
    #expect(kept == 5)
    #expect(difference(sum(kept), before) < 1e-12)
    #expect(dropped < 1e-9 * before.reduce(0) { $0 + $1 * $1 }.squareRoot())
    var gram = [Double](repeating: 0, count: 2 * kept * kept)
    let square = cdeep_product_square(kept, units, inputs, u, v, [Double](repeating: 1, count: kept), &gram)
    #expect(abs(square / before.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
  }
}

@Suite("Spectra")
struct SpectrumTests {
  /// Against all eigenvalues of the matrix that the products make, column by column.
  @Test(
    "the sharpness is the largest eigenvalues of the Hessian in the mobility's metric",
    arguments: GradientCase.all)
  func sharpness(_ oracle: GradientCase) throws {
    let flow = try oracle.flow()
    let count = flow.dimension
    let roots = flow.architecture.blocks.flatMap { block in
      block.range.map { _ in oracle.mobilities[block.layer - 1].squareRoot() }
    }
    var matrix = [Double](repeating: 0, count: count * count)
    for j in 0..<count {
      let unit = (0..<count).map { $0 == j ? roots[j] : 0 }
      var column = unit
      var span = column.mutableSpan
      flow.jacobianVectorProduct(0, oracle.theta.span, unit.span, into: &span)
      for i in 0..<count { matrix[i * count + j] = -column[i] / roots[i] }
    }
    for i in 0..<count {
      for j in 0..<i { #expect(abs(matrix[i * count + j] - matrix[j * count + i]) < 1e-12) }
    }
    let expected = try symmetricEigenvalues(matrix, count: count)
    let method = Sharpness(count: 3, tolerance: 1e-9)
    let given = try method(flow, oracle.theta.span)
    for e in 0..<3 { #expect(abs(given[e] - expected[count - 1 - e]) < 1e-8 * expected[count - 1]) }
    let cold = method.products
    #expect(try abs(method(flow, oracle.theta.span)[0] - expected[count - 1]) < 1e-8 * expected[count - 1])
    #expect(method.products <= cold)
  }

  /// A matrix with chosen singular values: a diagonal one between two reflections.
  @Test("singular values of a matrix")
  func singularValues() throws {
    let (rows, columns) = (50, 70)
    let chosen = (0..<6).map { pow(0.3, Double($0)) }
    func reflect(_ n: Int, _ seed: UInt64) -> [Double] {
      var generator = PCG64(seed: seed)
      let v = (0..<n).map { _ in generator.nextNormal() }
      let square = v.reduce(0) { $0 + $1 * $1 }
      return (0..<n * n).map { ($0 / n == $0 % n ? 1 : 0) - 2 * v[$0 / n] * v[$0 % n] / square }
    }
    let (p, q) = (reflect(rows, 1), reflect(columns, 2))
    let matrix = (0..<rows * columns).map { at in
      chosen.indices.reduce(0.0) {
        $0 + p[at / columns * rows + $1] * chosen[$1] * q[at % columns * columns + $1]
      }
    }
    let given = try SingularValues.largest(of: matrix, rows: rows, columns: columns)
    for (g, c) in zip(given, chosen) { #expect(abs(g - c) < 1e-9) }
    #expect(given.dropFirst(6).allSatisfy { $0 < 1e-7 })
  }
}
