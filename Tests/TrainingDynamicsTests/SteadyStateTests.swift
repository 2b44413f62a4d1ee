import ActivationsPlugins
import DynamicsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import SundialsIntegrators
import Testing
import TrainingDynamics

/// A linear network `f(x) = sum_k a_k w_k x` on the one sample `(0, 1)`, `y = 1`: only the bias weights `w_k` count, the others decay. With the product `s = sum_k a_k w_k` and balanced layers
/// `E = (s - 1)^2/2 + (r/mu) s` for the common mobility `mu`, so that the minimum is at `s = 1 - r/mu`, or at 0 where that is negative; `s` may be
/// shared among neurons in any way.
@Suite("Weight decay comes to rest") struct SteadyStateTests {
  private func flow() throws -> TwoLayerFlow {
    let data = try Dataset(name: "one", features: [[0]], targets: [1])
    return try TwoLayerFlow(
      width: 3, data: data, scaling: Scaling(kappa: 1, kappaPrime: 1), activation: Identity(),
      loss: SquaredLoss())
  }
  private let start = [0.3, -0.2, 0.5, 0.7, -0.6, 0.1, 0.1, 0.4, 0.2]

  @Test("at the minimum of its energy, however flat") func minimum() throws {
    let flow = try flow()
    let mu = flow.mobilityBlocks[0].mobility
    #expect(flow.mobilityBlocks.allSatisfy { $0.mobility == mu })
    let rate = 0.1 * mu
    let problem = try ODEProblem(flow, to: .infinity, initialState: start).moved(by: WeightDecay(rate: rate))
    var options = IntegrationOptions()
    options.restTolerance = 1e-6
    let solution = try integrate(problem, with: CVODEBDF(rtol: 1e-6, atol: 1e-9), options: options)
    #expect(solution.returnCode == .stationary)
    #expect(abs(flow.risk(solution.state.span) / (0.1 * 0.1 / 2) - 1) < 1e-4)
    options.stopsAtRest = false
    options.maxSteps = solution.statistics.accepted + 100
    let on = try integrate(problem, with: CVODEBDF(rtol: 1e-6, atol: 1e-9), options: options)
    #expect(on.returnCode != .stationary)
  }

  /// At zero nothing moves. The residual 1 lets `a_k w_k` grow at the rate `mu`, and decay takes `rate` from that.
  @Test("not at a saddle, where all motion is zero") func saddle() throws {
    let flow = try flow()
    let mu = flow.mobilityBlocks[0].mobility
    let zero = [Double](repeating: 0, count: flow.dimension)
    for (share, rests) in [(0.98, false), (0.5, false), (1.01, true), (2, true)] {
      let system = DynamicsSystem.make(flow, WeightDecay(rate: share * mu))
      #expect(try system.derivative(0, zero).allSatisfy { $0 == 0 })
      let detecting = try #require(system as? any RestDetecting)
      #expect(try detecting.isAtRest(0, zero.span, tolerance: 1e-6) == rests, "\(share)")
    }
  }
}
