import ActivationsPlugins
import GradientFlow
import KinkAwareIntegrator
import LossesPlugins
import ODECore
import Testing

@Suite("What kink-aware integration cannot do, it says")
struct RefusalTests {
  private func flow(
    _ data: Dataset = benchPoints, activation: any Activation = ReLU(), loss: any Loss = SquaredLoss()
  ) throws -> TwoLayerFlow {
    try TwoLayerFlow(
      width: 3, data: data, scaling: Scaling(kappa: 1, kappaPrime: 1), activation: activation, loss: loss)
  }

  @Test("it takes piecewise-linear activations and squared loss")
  func takes() throws {
    for activation in [ReLU(), LeakyReLU(), LeakyReLU(slope: -1), Identity()] as [any Activation] {
      #expect(KinkAware.canIntegrate(try flow(activation: activation)) == nil)
    }
  }

  @Test("it refuses other systems, activations and losses, and names what was given")
  func refuses() throws {
    let decay = ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }
    #expect(try #require(KinkAware.canIntegrate(decay)).contains("two-layer networks only"))
    #expect(try #require(try KinkAware.canIntegrate(flow(activation: Tanh()))).contains("'tanh'"))
    let solution = try integrate(ODEProblem(decay, to: 1, initialState: [1]), with: KinkAware())
    #expect(solution.returnCode == .initialFailure)
    #expect(solution.message.contains("two-layer"))
    #expect(solution.state == [1])
  }

  @Test("it refuses more inputs than its matrices have room for; repeated ones count once")
  func manyInputs() throws {
    func data(_ distinct: Int) throws -> Dataset {
      try Dataset(
        name: "many", features: (0..<10_000).map { [Double($0 % distinct)] },
        targets: (0..<10_000).map(Double.init))
    }
    #expect(try KinkAware.canIntegrate(flow(data(100))) == nil)
    #expect(try #require(try KinkAware.canIntegrate(flow(data(10_000)))).contains("10000 inputs"))
  }

  @Test("it refuses to go backwards, and settings without sense")
  func settings() throws {
    let flow = try flow()
    let start = try gaussianStart(flow)
    func failure(_ integrator: KinkAware, to end: Double = 1) throws -> String {
      let solution = try integrate(ODEProblem(flow, to: end, initialState: start), with: integrator)
      #expect(solution.returnCode == .initialFailure)
      return solution.message
    }
    #expect(try failure(KinkAware(), to: -1).contains("backwards"))
    for rtol in [0, -1, 1, .nan] { #expect(try failure(KinkAware(rtol: rtol)).contains("rtol is \(rtol)")) }
    for stages in [1, 6] { #expect(try failure(KinkAware(stages: stages)).contains("stages is \(stages)")) }
  }

  @Test("numbers too large for doubles end the run, the last good state kept")
  func overflow() throws {
    let flow = try flow()
    let start = try gaussianStart(flow).map { $0 * 1e150 }
    let solution = try integrate(ODEProblem(flow, to: 1, initialState: start), with: KinkAware())
    #expect(!solution.returnCode.isSuccess)
    let isFinite = solution.state.allSatisfy { $0.isFinite }
    #expect(isFinite)
    #expect(!solution.message.isEmpty)
  }
}
