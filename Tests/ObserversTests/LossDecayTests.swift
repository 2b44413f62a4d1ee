import Foundation
import GradientFlow
import ObserversPlugins
import Testing
import ODECore

@Suite("Decay of the loss")
struct LossDecayTests {
  /// Observes a run whose loss is `loss(t)`: one neuron, one sample (0, 1), target 0, R = a^2 / 2.
  private func watch(
    _ times: [Double], _ loss: (Double) -> Double
  ) throws -> [String: ObservedValue] {
    try LossDecay().watch(
      makeFlow(width: 1), times.map { ($0, state([((2 * loss($0)).squareRoot(), [0, 1])])) })
  }

  private let logarithmic = [0] + (-20...15).map { pow(10, Double($0) / 10) }
  private let even = (0...320).map { Double($0) / 10 }

  @Test("an exponential is recovered with all its records, evenly spaced or by the logarithm")
  func exponential() throws {
    for times in [logarithmic, even] {
      let result = try watch(times) { 0.3 * exp(-0.7 * $0) }
      #expect(result.number("rate").isNear(0.7, relative: 1e-12))
      #expect(result.number("rSquared").isNear(1, relative: 1e-12))
      #expect(result["points"] == .integer(times.count))
      #expect(result["windowStart"] == .number(0) && result["windowEnd"] == .number(times.last!))
      #expect(
        result.number("initial").isNear(0.3) && result.number("final").isNear(0.3 * exp(-0.7 * times.last!)))
    }
  }

  @Test("of two exponentials the slow one is found, and the fast one left out")
  func twoModes() throws {
    for times in [logarithmic, even] {
      let result = try watch(times) { 0.02 * exp(-0.3 * $0) + 0.2 * exp(-3 * $0) }
      let start = result.number("windowStart")
      let eFolds = 0.3 * (result.number("windowEnd") - start)
      // A line within 2 % of R over k e-foldings has the slope within 2 * 0.02 / k.
      #expect(result.number("rate").isNear(0.3, relative: 0.04 / eFolds))
      // At the beginning of the window the fast part is no longer the larger one (t = ln 10 / 2.7).
      #expect(start > log(10) / 2.7 && start < 8)
      #expect(eFolds > 4)
    }
  }

  @Test("a plateau at the end has the rate zero")
  func plateau() throws {
    let result = try watch(logarithmic + (16...60).map { pow(10, Double($0) / 10) }) {
      1.0 / 162 + 0.1 * exp(-$0)
    }
    #expect(abs(result.number("rate")) < 1e-7)
    #expect(result.number("windowStart") < 30)
  }

  @Test("what is left of rounding after the decay is not fitted")
  func floor() throws {
    let result = try watch(even) { 0.5 * exp(-5 * $0) + 1e-30 * (1 + sin(50 * $0)) }
    #expect(result.number("rate").isNear(5, relative: 1e-5))
    // 1e-24 of the largest is reached at t = 24 ln 10 / 5 = 11.05.
    #expect(result["windowEnd"] == .number(11))
  }

  @Test("noise falls back to the lower half of the range, and the coefficient of determination says so")
  func noise() throws {
    var sign = 1.0
    let result = try watch(even) { t in
      sign = -sign
      return 0.3 * exp(-0.2 * t) * (1 + 0.3 * sign)
    }
    #expect(result["window"] == .text("lower half of the range of log R; not exponential within 2 %"))
    #expect(result.number("rate").isNear(0.2, relative: 0.03))
    #expect(result.number("rSquared") < 0.97)
    // Half way down, within the noise of log 1.3 / 0.2.
    #expect(abs(result.number("windowStart") - 16) < 3)
  }

  @Test("fewer than four records give no rate")
  func tooFew() throws {
    let result = try watch([0, 1, 2]) { exp(-$0) }
    #expect(result.number("rate").isNaN && result["points"] == .integer(0))
    #expect(result["window"] == .text("too few records"))
    #expect(try watch([0, 1, 2, 3]) { _ in 0 }.number("rate").isNaN)
  }

  @Test("the prediction is 2 (m/n) lambda_min(G) of the last state")
  func prediction() throws {
    // Samples (1, 1) and (-1, 1) are orthogonal; neuron 0 sees only the first, neuron 1 only the second.
    // (m G)_ii = kappa^2 (sigma_i^2 / kappa' + kappa' a_i^2 |x_i|^2), and the matrix is diagonal.
    let (kappa, kappaPrime) = (0.5, 2.0)
    let end = state([(3, [2, 1]), (1, [-1, 0.5])])
    let gram = [(3.0, 3.0), (1.5, 1.0)].map { sigma, a in
      kappa * kappa * (sigma * sigma / kappaPrime + kappaPrime * a * a * 2)
    }
    let expected = 2.0 / 2 * gram.min()!
    func result(_ loss: any Loss) throws -> [String: ObservedValue] {
      try LossDecay().watch(
        makeFlow(
          width: 2, features: [[1], [-1]], targets: [0, 1], kappa: kappa, kappaPrime: kappaPrime,
          loss: loss), [(0, end), (1, end)])
    }
    #expect(try result(SquaredLoss()).number("ratePredicted").isNear(expected))
    #expect(try result(SquaredLoss(isSquared: false)).number("ratePredicted").isNaN)
  }

  @Test("a neuron held at a kink moves only along it, and the sliding rate says so")
  func sliding() throws {
    // Samples (0, 1) and (1, 1). Neuron 0, w = (1, 0), lies on the kink of the first: with the residuals
    // (2, -1) its w . x_1 changes at the rate 1/2 below the kink and -1/2 above. Neuron 1 sees the first only.
    // 2 G = diag(0.25 + 4, 1 + 2) by one-sided derivatives; held, neuron 0 moves along
    // P x_2 = (1, 0), and 1 + 1 takes the place of 1 + 2. The rates are 2 (m/n) lambda_min(G).
    let y = state([(1, [1, 0]), (2, [-1, 0.5])])
    let flow = try makeFlow(width: 2, features: [[0], [1]], targets: [-1, 2])
    let result = try LossDecay().watch(flow, [(0, y)])
    #expect(result.number("ratePredicted").isNear(3))
    #expect(result.number("rateSliding").isNear(2))
    #expect(result["slidingNeurons"] == .integer(1))
    // With the first residual 0.5 both sides point upwards: it passes.
    let passing = try makeFlow(width: 2, features: [[0], [1]], targets: [0.5, 2])
    let other = try LossDecay().watch(passing, [(0, y)])
    #expect(other.number("rateSliding").isNear(3) && other["slidingNeurons"] == .integer(0))
  }

  @Test("a run that ended in NaN still has its summary")
  func notANumber() throws {
    let result = try watch([0, 1, 2, 3, 4]) { $0 < 4 ? exp(-$0) : .nan }
    #expect(result.number("ratePredicted").isNaN && result.number("final").isNaN)
    #expect(result.number("rate").isNear(1, relative: 1e-12))
    #expect(result["windowEnd"] == .number(3))
  }

  @Test("no eigenproblem is solved for more than 1000 samples")
  func large() throws {
    let n = LossDecay.largestEigenproblem + 1
    let result = try LossDecay().watch(
      makeFlow(
        width: 1, features: (0..<n).map { [Double($0)] }, targets: [Double](repeating: 0, count: n)),
      [(0, state([(1, [0, 1])]))])
    #expect(result.number("ratePredicted").isNaN)
  }
}
