import ActivationsPlugins
import Foundation
import GradientFlow
import KinkAwareIntegrator
import LossesPlugins
import ODECore
import RungeKutta
import Testing

@Suite("What the flow keeps, kink-aware integration keeps")
struct InvariantTests {
  static let cases = OracleTests.cases

  /// Every neuron moves by Lorentz boosts, whatever the path: only rounding is left.
  @Test(
    "conservation (77) holds to 1e-12 at every tolerance", arguments: cases.filter { $0.isHardTanh != true })
  func conservation(_ reference: KinkCase) throws {
    let (m, first) = (reference.m, reference.initialState)
    let kappaPrime = pow(Double(m), -reference.gammaPrime)
    for rtol in [1e-1, 1e-3, 1e-8] {
      let end = try reference.solve(rtol: rtol).state
      for k in 0..<m {
        func squares(_ y: [Double]) -> (a: Double, w: Double) {
          (
            pow(kappaPrime * y[k], 2),
            stride(from: m + k, to: y.count, by: m).reduce(0) { $0 + y[$1] * y[$1] }
          )
        }
        let (a0, w0) = squares(first)
        let (a, w) = squares(end)
        #expect(abs((a - a0) - (w - w0)) <= 1e-12 * (a + w), "neuron \(k), rtol \(rtol)")
      }
    }
  }

  @Test("the loss never rises, at loose tolerances too", arguments: cases)
  func energy(_ reference: KinkCase) throws {
    let flow = try reference.flow()
    for rtol in [1e-1, 1e-2, 1e-6] {
      let state = try KinkAware(rtol: rtol).makeState(for: reference.problem(flow), restart: nil)
      var last = flow.risk(reference.initialState.span)
      let end = min(reference.tend, 2 * reference.t)
      while state.time < end {
        try state.advance(to: end)
        let now = state.withState { flow.risk($0) }
        // At rest R changes by rounding of f ~ 1, times e.
        #expect(now <= last * (1 + 1e-6) + 1e-14, "t = \(state.time), rtol \(rtol)")
        last = now
      }
    }
  }

  /// From 4,000 neurons on the work is shared. In the condensed case small modes come between large ones.
  @Test("one thread and two give the same bits", arguments: [(24_000, 1.2, 2e5), (4_000, 1.75, 1.6e9)])
  func threads(_ width: Int, _ gamma: Double, _ finalTime: Double) throws {
    func end(_ threads: Int) throws -> Solution {
      let flow = try benchFlow(width: width, gamma: gamma, threads: threads)
      return try integrate(
        ODEProblem(flow, to: finalTime, initialState: gaussianStart(flow, isAntisymmetric: true)),
        with: KinkAware(rtol: 1e-3))
    }
    let (one, two) = (try end(1), try end(2))
    #expect(one.returnCode == .success)
    let areSame = one.state.map(\.bitPattern) == two.state.map(\.bitPattern)
    #expect(areSame)
    #expect(one.statistics.nfev == two.statistics.nfev)
  }

  @Test("without a kink it agrees with Runge-Kutta")
  func identity() throws {
    let flow = try benchFlow(width: 50, gamma: 0.7, gammaPrime: 0.3, activation: Identity())
    let problem = try ODEProblem(flow, to: 20, initialState: gaussianStart(flow))
    let expected = try integrate(problem, with: DormandPrince(rtol: 1e-12, atol: 1e-14)).state
    let state = try KinkAware(rtol: 1e-8).makeState(for: problem, restart: nil)
    while state.time < 20 { try state.advance(to: 20) }
    #expect(state.kinks.crossings + state.kinks.captures == 0)
    #expect(largestDifference(state.withState { [Double](copying: $0) }, expected) <= 1e-7)
  }

  /// Every sample twice, with targets `y + 1/4` and `y - 1/4`: the same gradient, and `R` larger by `1/32`.
  @Test("duplicates of an input count twice")
  func duplicates() throws {
    let reference = try #require(KinkCase.all["bench-m20-g1"])
    let data = try Dataset(
      name: "twice",
      features: benchPoints.inputs.values.indices.filter { $0 % 2 == 0 }.flatMap { i in
        [[benchPoints.inputs.values[i]], [benchPoints.inputs.values[i]]]
      }, targets: benchPoints.targets.flatMap { [$0 + 0.25, $0 - 0.25] })
    let flow = try TwoLayerFlow(
      width: 20, data: data, scaling: reference.flow().scaling, activation: ReLU(), loss: SquaredLoss())
    let solution = try integrate(
      ODEProblem(flow, to: reference.t, initialState: reference.initialState), with: KinkAware(rtol: 1e-8))
    #expect(abs(reference.relativeDistances(solution.state).w / reference.RD_w - 1) <= 1e-7)
    #expect(abs(flow.risk(solution.state.span) - 1.0 / 32 - reference.R) <= 1e-10)
  }

  /// `a sigma = (-a)(-sigma)`: slopes (-2, -1) with `-a` are slopes (2, 1) with `a`.
  @Test("a concave activation moves like the convex one with opposite output weights")
  func concave() throws {
    let concave = try benchFlow(width: 20, gamma: 1, activation: TwoSlopes(negative: 2, positive: 1))
    let convex = try benchFlow(width: 20, gamma: 1, activation: TwoSlopes(negative: -2, positive: -1))
    let start = try gaussianStart(concave)
    var mirrored = start
    for k in 0..<20 { mirrored[k] = -start[k] }
    let one = try integrate(ODEProblem(concave, to: 1e3, initialState: start), with: KinkAware(rtol: 1e-8))
    let two = try integrate(ODEProblem(convex, to: 1e3, initialState: mirrored), with: KinkAware(rtol: 1e-8))
    #expect(largestDifference(one.state, two.state.enumerated().map { $0 < 20 ? -$1 : $1 }) <= 1e-12)
    #expect(concave.risk(one.state.span) < 0.1 * concave.risk(start.span))
  }

  /// The limit of small steps of a method that knows nothing of kinks: RK4 chatters with error O(step).
  @Test("steepest descent by tiny steps tends to the same end")
  func chattering() throws {
    let flow = try benchFlow(width: 8, gamma: 0.5)
    let problem = try ODEProblem(flow, to: 30, initialState: gaussianStart(flow, seed: 5))
    let end = try integrate(problem, with: KinkAware(rtol: 1e-8)).state
    var errors: [Double] = []
    for step in [4e-3, 1e-3] {
      errors.append(
        largestDifference(try integrate(problem, with: ClassicalRK4(step: .value(step))).state, end))
    }
    #expect(errors[0] <= 4e-2)
    #expect(errors[1] <= errors[0] / 2 || errors[1] < 1e-6)
  }
}

/// `negative min(z, 0) + positive max(z, 0)` with any slopes.
struct TwoSlopes: Activation {
  let negative: Double
  let positive: Double
  var name: String { "two-slopes" }
  var kinks: [Double] { [0] }
  var slopes: Slopes? { Slopes(negative: negative, positive: positive) }

  func evaluate(_ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>) {
    for i in 0..<z.count {
      derivative[i] = z[i] > 0 ? positive : negative
      value[i] = derivative[i] * z[i]
    }
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in 0..<z.count { result[i] = 0 }
  }
}
