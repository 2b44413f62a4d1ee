import Foundation
import GradientFlow
import ODECore
import ObserversPlugins
import Testing

/// The observers on a flow that is really integrated, by the classical Runge-Kutta method.
@Suite("Observers along a run")
struct FlowRunTests {
  /// Observes `steps` steps of length `h` from `start`; every `interval`-th is a recorded time.
  static func run(
    _ flow: TwoLayerFlow, from start: [Double], h: Double, steps: Int, every interval: Int,
    _ observers: [any FlowObserver]
  ) throws -> (state: [Double], results: [[String: ObservedValue]]) {
    func rate(_ y: [Double]) -> [Double] {
      var result = [Double](repeating: 0, count: y.count)
      var span = result.mutableSpan
      flow.derivative(0, y.span, into: &span)
      return result
    }
    func add(_ y: [Double], _ c: Double, _ k: [Double]) -> [Double] {
      zip(y, k).map { $0 + c * $1 }
    }
    var y = start
    for i in 0...steps {
      try flow.withSnapshot(at: Double(i) * h, of: y) { snapshot in
        for observer in observers {
          if i == 0 { try observer.begin(snapshot) }
          if i > 0, observer.watchesSteps { try observer.step(snapshot) }
          if i % interval == 0 { _ = try observer.record(snapshot) }
        }
      }
      if i == steps { break }
      let k1 = rate(y)
      let k2 = rate(add(y, h / 2, k1))
      let k3 = rate(add(y, h / 2, k2))
      let k4 = rate(add(y, h, k3))
      for j in y.indices { y[j] += h / 6 * (k1[j] + 2 * k2[j] + 2 * k3[j] + k4[j]) }
    }
    return try (
      y,
      flow.withSnapshot(at: Double(steps) * h, of: y) { snapshot in
        try observers.map { try $0.finish(snapshot) }
      }
    )
  }

  /// The paper's four points and a standard normal start.
  static func fourPoints(width m: Int, gamma: Double) throws -> (TwoLayerFlow, [Double]) {
    let x = [-0.5, -1.0 / 6, 1.0 / 6, 0.5]
    let flow = try TwoLayerFlow(
      width: m,
      data: Dataset(name: "four-points", features: x.map { [$0] }, targets: x.map { $0 * $0 }),
      scaling: Scaling(gamma: gamma, gammaPrime: 0, width: m), activation: ReLU(),
      loss: SquaredLoss())
    var seed: UInt64 = 88_172_645_463_325_252
    func uniform() -> Double {
      seed ^= seed << 13
      seed ^= seed >> 7
      seed ^= seed << 17
      return (Double(seed >> 11) + 0.5) / 9_007_199_254_740_992
    }
    let start = (0..<flow.dimension).map { _ in
      (-2 * log(uniform())).squareRoot() * cos(2 * .pi * uniform())
    }
    return (flow, start)
  }

  @Test("the loss of a ReLU network in the lazy regime ends at the rate of the sliding flow")
  func lazyReLU() throws {
    let (flow, start) = try Self.fourPoints(width: 200, gamma: 0.5)
    let (_, results) = try Self.run(
      flow, from: start, h: 0.25, steps: 6000, every: 20,
      [LossDecay(), Conservation(), Energy()])
    let decay = results[0]
    let rate = decay.number("rate")
    let eFolds = rate * (decay.number("windowEnd") - decay.number("windowStart"))
    #expect(eFolds > 10)
    // A line that log R follows within 0.02 over k e-foldings has its slope within 2 * 0.02 / k.
    #expect(rate.isNear(decay.number("rateSliding"), relative: 0.04 / eFolds))
    // One-sided derivatives promise more than a flow with held neurons can keep.
    #expect(decay.number("slidingNeurons") > 0)
    #expect(decay.number("ratePredicted") > 1.1 * rate)
    #expect(results[2]["maxRise"] == .number(0) && results[2]["monotone"] == .flag(true))

    // (77) is broken only by the steps across kinks: an error that falls with the step.
    let (_, finer) = try Self.run(
      flow, from: start, h: 0.0625, steps: 24_000, every: 80, [Conservation()])
    let (coarse, fine) = (results[1].number("maxDefect"), finer[0].number("maxDefect"))
    #expect(coarse < 1e-4 && coarse > 0 && fine < coarse / 2)
  }

  @Test("the loss of a smooth network ends at the rate 2 (m/n) lambda_min(G)")
  func smooth() throws {
    let m = 100
    let flow = try TwoLayerFlow(
      width: m, data: Dataset(name: "two", features: [[-1], [0.5]], targets: [0.5, -0.3]),
      scaling: Scaling(gamma: 0.5, gammaPrime: 0, width: m), activation: Tanh(),
      loss: SquaredLoss())
    let (_, start) = try Self.fourPoints(width: m, gamma: 0.5)
    let (_, results) = try Self.run(
      flow, from: start, h: 0.1, steps: 1500, every: 10, [LossDecay(), Energy()])
    let decay = results[0]
    let rate = decay.number("rate")
    let eFolds = rate * (decay.number("windowEnd") - decay.number("windowStart"))
    #expect(eFolds > 10)
    #expect(rate.isNear(decay.number("ratePredicted"), relative: 0.04 / eFolds))
    #expect(decay["rateSliding"] == decay["ratePredicted"] && decay["slidingNeurons"] == .integer(0))
    #expect(results[1]["monotone"] == .flag(true))
  }
}
