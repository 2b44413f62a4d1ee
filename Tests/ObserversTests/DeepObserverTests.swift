import DeepNetworks
import Foundation
import GradientFlow
import ODECore
import ODETestKit
import ObserversPlugins
import Testing

@Suite("Observers of networks of any depth")
struct DeepObserverTests {
  private let features: [[Double]] = [[1], [-1], [0.5]]
  private let targets = [0.2, 1, -0.4]
  private let neurons: [(a: Double, w: [Double])] = [
    (1, [2, 1]), (-0.5, [-1, 0.5]), (2, [0.3, -0.2]), (0.7, [1, 1]),
  ]

  /// The same network of two layers as one of any depth: `W_1` in rows, then `W_2`.
  private func deepState(_ neurons: [(a: Double, w: [Double])]) -> [Double] {
    neurons.flatMap(\.w) + neurons.map(\.a)
  }

  private func deepFlow(
    _ hidden: [Int], _ activation: any Activation = Tanh(), kappa: Double = 0.5, mobilities: [Double]
  ) throws -> ArchitectureFlow {
    try ArchitectureFlow(
      architecture: DeepNetwork(
        widths: [2] + hidden + [1], kappa: kappa, activations: hidden.map { _ in activation }),
      mobilities: mobilities, data: Samples(inputs: Inputs(features: features), targets: targets),
      loss: SquaredLoss(), threads: 1)
  }

  /// Columns at each of `states`, and the summary.
  private func watch(
    _ observer: any Observer, _ flow: any ODESystem, _ states: [[Double]]
  ) throws -> (rows: [[Double]], summary: [String: ObservedValue]) {
    let problem = try ODEProblem(flow, to: 10, initialState: states[0])
    let observer = observer.specialised(for: problem)
    #expect(observer.refusal(of: problem) == nil)
    let moment = Moment(problem)
    var (rows, summary) = ([[Double]](), [String: ObservedValue]())
    for (i, state) in states.enumerated() {
      try moment.show(1.5 * Double(i), state.span) {
        if i == 0 { try observer.begin($0) }
        rows.append(try observer.record($0))
        if i == states.count - 1 { summary = try observer.finish($0) }
      }
    }
    #expect(rows.allSatisfy { $0.count == observer.columns.count })
    return (rows, summary)
  }

  /// `mu = (kappa', 1/kappa')` and `K = (m/n) G`: the observers of two layers, which have their own tests, are the oracle.
  @Test("two layers: the same numbers as the observers of two layers")
  func twoLayers() throws {
    let two = try makeFlow(
      width: 4, features: features, targets: targets, kappa: 0.5, kappaPrime: 2, activation: Tanh())
    let deep = try deepFlow([4], mobilities: [2, 0.5])
    let later = neurons.map { (a: 0.9 * $0.a + 0.1, w: $0.w.map { 0.8 * $0 - 0.1 }) }
    let (shallow, wide) = ([state(neurons), state(later)], [deepState(neurons), deepState(later)])

    let gram = try (watch(GramDrift(), two, shallow), watch(GramDrift(), deep, wide))
    for (a, b) in zip(gram.0.rows, gram.1.rows) {
      // lambda_min and |G - G(0)|, times m/n, and the rate.
      #expect(abs(b[0] - 4.0 / 3 * a[0]) < 1e-14 && abs(b[1] - 4.0 / 3 * a[2]) < 1e-14)
      #expect(b[2].isNear(a[4], relative: 1e-11))
    }
    let linear = try (watch(Linearization(), two, shallow), watch(Linearization(), deep, wide))
    for (a, b) in zip(linear.0.rows.joined(), linear.1.rows.joined()) { #expect(abs(a - b) < 1e-13) }
    #expect(linear.1.summary.number("supDistance") > 0.01)

    let condensed = try (watch(Condensation(), two, shallow), watch(Condensation(), deep, wide))
    for (a, b) in zip(condensed.0.rows.joined(), condensed.1.rows.joined()) {
      #expect(a.isNear(b, relative: 1e-12))
    }
    for (key, value) in condensed.0.summary {
      #expect(condensed.1.summary[key]?.number?.isNear(value.number!, relative: 1e-12) == true, "\(key)")
    }
    let decay = try (watch(LossDecay(), two, shallow), watch(LossDecay(), deep, wide))
    #expect(
      decay.1.summary.number("ratePredicted").isNear(decay.0.summary.number("ratePredicted"), relative: 1e-11)
    )
  }

  /// Six units of the second layer with rows along two directions, amplitudes 3 to 1: shares 3/4 and 1/4, 1/(9/16 + 1/16) = 1.6 directions. Columns to one
  /// output are plain numbers.
  @Test("condensation of a hidden layer, rows and columns, by hand")
  func condensation() throws {
    let flow = try deepFlow([3, 4], mobilities: [1, 1, 1])
    let rows: [[Double]] = [[1, 0, 0], [2, 0, 0], [0, 0.5, 0.5], [0, 1, 1]]
    // |row| |column|: 2 * 3/2, 2 * 3/2 ... the first two hold three times what the others do.
    let top = [3, 1.5, 2.0.squareRoot(), 0.5.squareRoot()]
    let w1 = [1, 0, 0, 1, 1, 1].map(Double.init)
    let state = w1 + rows.flatMap { $0 } + top
    let (_, summary) = try watch(Condensation(), flow, [state])
    #expect(abs(summary["rowDirections"]!.numbers![1] - 1.6) < 1e-12)
    #expect(abs(summary["rowTop1"]!.numbers![1] - 0.75) < 1e-12)
    // Columns of W_2: (1, 2, 0, 0), (0, 0, 1/2, 1), twice: amplitudes |row of W_1| |column| = sqrt 5, sqrt(5/4), sqrt 2 sqrt(5/4).
    let (first, second) = (5.0.squareRoot(), (1 + 2.0.squareRoot()) * 1.25.squareRoot())
    let share = first / (first + second)
    #expect(
      abs(summary["columnDirections"]!.numbers![0] - 1 / (share * share + (1 - share) * (1 - share))) < 1e-12)
    #expect(summary["columnDirections"]!.numbers![1].isNaN)
  }

  /// A start of standard normal weights is near the limit of infinite width; one that is scaled is compared with none.
  @Test("the start's kernel stands beside that of infinite width")
  func limit() throws {
    let flow = try deepFlow([300, 300], ReLU(), kappa: 1, mobilities: [1, 1, 1])
    let start = try DeepStart(seed: 3).state(for: flow.architecture as! DeepNetwork)
    let near = try watch(GramDrift(), flow, [start]).summary
    // A few m^(-1/2).
    #expect(near["limitDistances"]!.numbers!.allSatisfy { $0 > 0.001 && $0 < 0.4 })
    #expect(abs(near["shares"]!.numbers!.reduce(0, +) - 1) < 1e-12)
    let scaled = try watch(GramDrift(), flow, [start.map { 1.1 * $0 }]).summary
    #expect(scaled.number("limitDistance").isNaN)
  }

  @Test("each keeps what an observer promises")
  func conformance() throws {
    let flow = try deepFlow([4, 3], mobilities: [1, 0.5, 2])
    let start = try DeepStart(seed: 1).state(for: flow.architecture as! DeepNetwork)
    let problem = try ODEProblem(flow, to: 10, initialState: start)
    for make in [
      { Linearization() }, { GramDrift() }, { Residuals() }, { LossDecay() }, { Condensation() },
    ] as [() -> any Observer] {
      #expect(try ObserverConformance.violations(on: problem) { make().specialised(for: problem) } == [])
    }
  }
}
