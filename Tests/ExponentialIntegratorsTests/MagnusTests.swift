import ActivationsPlugins
import ExponentialIntegrators
import Foundation
import GradientFlow
import KinkAwareIntegrator
import LossesPlugins
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("Exponential integrators on flows")
struct MagnusTests {
  private static let losses: [(any Activation, any Loss, Bool)] = [
    (Tanh(), SquaredLoss(), false), (Softplus(), LogisticLoss(), true),
    (Tanh(), HuberLoss(delta: 0.3), false),
  ]

  /// References: Dormand-Prince at 1e-12.
  @Test("orders on smooth flows, dense output included", arguments: [0, 1])
  func orders(_ index: Int) throws {
    let (activation, loss, signs) = Self.losses[index]
    let flow = try FlowProblem(gamma: 1, activation: activation, loss: loss, signs: signs)
    let end = 4 / (try flow.flow.spectralRadius(0, flow.start.span)) * 10
    let problem = try flow.problem(to: end)
    func exact(_ t: Double) throws -> [Double] {
      try integrate(flow.problem(to: t), with: DormandPrince(rtol: 1e-12, atol: 1e-13)).state
    }
    let (atEnd, inside) = (try exact(end), try exact(0.47 * end))
    func check(_ name: String, order: Double, _ make: (Double) -> some Integrator) throws {
      let sizes = [20.0, 40, 80].map { end / $0 }
      var errors: [Double] = []
      var dense: [Double] = []
      for h in sizes {
        let state = try make(h).makeState(for: problem, restart: nil)
        let scratch = StateVector(count: flow.start.count)
        while state.time < end {
          try state.advance(to: end)
          guard (state.previousTime...state.time).contains(0.47 * end) else { continue }
          try scratch.withMutableSpan { try state.interpolate(at: 0.47 * end, into: &$0) }
          dense.append(distance(scratch.array, inside))
        }
        errors.append(distance(state.withState { [Double](copying: $0) }, atEnd))
      }
      let measured = OrderMeasurement(steps: sizes, errors: errors).order
      #expect(measured > order - 0.35, "\(name): \(measured) from \(errors)")
      let inner = OrderMeasurement(steps: sizes, errors: dense).order
      #expect(inner > 1.6, "\(name), dense: \(inner) from \(dense)")
    }
    try check("magnus", order: 2) { ResidualMagnus(rtol: 1e6, initialStep: $0, maxStep: $0) }
    for method in [ExponentialMethod.etd2rk, .expRK3, .krogstad] {
      try check(method.name, order: Double(method.order)) { ExponentialRungeKutta(method, steps($0)) }
    }
  }

  @Test("errors follow the tolerance on smooth flows", arguments: [0, 1, 2])
  func tolerance(_ index: Int) throws {
    let (activation, loss, signs) = Self.losses[index]
    let flow = try FlowProblem(gamma: 1, activation: activation, loss: loss, signs: signs)
    let problem = try flow.problem(to: 200)
    let exact = try integrate(problem, with: DormandPrince(rtol: 1e-10, atol: 1e-12)).state
    let change = distance(exact, flow.start)
    for method in [Exponential.Method.magnus, .rungeKutta(.krogstad), .rungeKutta(.exprb43)] {
      for rtol in [1e-2, 1e-4] {
        let solution = try integrate(
          problem, with: Exponential(method, StepControl(rtol: rtol, atol: rtol * 1e-3)))
        #expect(solution.returnCode == .success)
        // Relative to the change since the start, which is what RD is made of. Tens of steps add up; the second order of magnus leaves no
        // margin that the tolerance would not use. A curvature that jumps (Huber) leaves no order at all.
        let bound = index == 2 ? max(5 * rtol, 0.03) : method == .magnus ? 10 * rtol : 3 * rtol
        let error = distance(solution.state, exact) / change
        #expect(error < bound, "\(method), \(rtol): \(error)")
      }
    }
  }

  /// `l'' = 0` at every sample, as for Huber's loss far from the targets: `r' = 0`, and nothing is stiff.
  @Test("a loss without curvature is integrated in long steps") func straightLoss() throws {
    let flow = try FlowProblem(gamma: 1, loss: HuberLoss(delta: 1e-9))
    let problem = try flow.problem(to: 1e9)
    let exact = try integrate(problem, with: DormandPrince(rtol: 1e-10, atol: 1e-12)).state
    let change = distance(exact, flow.start)
    #expect(change > 0.05)
    let solution = try integrate(problem, with: ResidualMagnus(rtol: 1e-4))
    #expect(distance(solution.state, exact) < 1e-3 * change)
    #expect(solution.statistics.accepted < 60)
  }

  /// Hyperbolic rotations conserve; only rounding is left, a unit for each step and coordinate.
  @Test("ReLU neurons conserve (77) to rounding at any tolerance") func conservation() throws {
    for (path, rtol) in [(FlowPath.fused, 1e-1), (.gemm, 1e-3)] {
      let flow = try FlowProblem(
        width: 50, samples: 20, inputs: 8, gamma: 1.5, activation: ReLU(), path: path)
      let m = 50
      let end = try integrate(flow.problem(to: 1e4), with: ResidualMagnus(rtol: rtol)).state
      let kappaPrime = flow.flow.scaling.kappaPrime
      for k in 0..<m {
        func defect(_ y: [Double]) -> (Double, Double) {
          let a = pow(kappaPrime * y[k], 2)
          let w = stride(from: m + k, to: y.count, by: m).reduce(0) { $0 + y[$1] * y[$1] }
          return (a - w, a + w)
        }
        let ((before, _), (after, size)) = (defect(flow.start), defect(end))
        #expect(abs(after - before) < 1e-12 * size)
      }
    }
  }

  /// The reference follows every neuron over its kinks exactly.
  @Test("RD and f of ReLU flows on more inputs than samples follow the tolerance", arguments: [0.5, 1, 1.5])
  func kinks(_ gamma: Double) throws {
    let flow = try FlowProblem(
      width: 200, samples: 12, inputs: 30, gamma: gamma, gammaPrime: 0, activation: ReLU())
    let first = flow.flow.risk(flow.start.span)
    func solve(_ integrator: some Integrator) throws -> Solution {
      let stop = Event("stop", isTerminal: true) { _, y in log(flow.flow.risk(y) / (1e-4 * first)) }
      return try integrate(
        ODEProblem(flow.flow, to: 1e9, initialState: flow.start, events: [stop]), with: integrator)
    }
    let reference = try solve(KinkAware(rtol: 1e-6))
    let others = try FlowProblem(
      width: 200, samples: 40, inputs: 30, gamma: gamma, gammaPrime: 0, activation: ReLU())
    let outputs = others.flow.forward(reference.state.span).predictions
    let m = 200
    func moved(_ y: [Double]) -> Double { distance(Array(y[m...]), Array(flow.start[m...])) }
    for rtol in [1e-1, 1e-2, 1e-3] {
      let solution = try solve(ResidualMagnus(rtol: rtol))
      #expect(solution.returnCode == .stopped)
      let rd = abs(moved(solution.state) / moved(reference.state) - 1)
      let f =
        distance(others.flow.forward(solution.state.span).predictions, outputs)
        / distance(outputs, outputs.map { _ in 0 })
      // Single neurons at kinks may go other ways; what is made of all of them follows the tolerance, down to where their noise begins.
      #expect(rd < max(0.2 * rtol, 1e-3), "rtol \(rtol): \(rd)")
      #expect(f < max(0.5 * rtol, 3e-3), "rtol \(rtol): \(f)")
      #expect(solution.statistics.accepted < Int(4 / pow(rtol, 0.7)), "rtol \(rtol): \(solution.statistics)")
    }
  }

  @Test("lands on the limit, dense output joins, looking changes nothing, restarts are exact")
  func contract() throws {
    let flow = try FlowProblem(width: 60, samples: 10, inputs: 20, gamma: 1, activation: ReLU())
    let problem = try flow.problem(to: 50)
    let integrator = ResidualMagnus(rtol: 1e-2)
    let (plain, busy) = (
      try integrator.makeState(for: problem, restart: nil),
      try integrator.makeState(for: problem, restart: nil)
    )
    let scratch = StateVector(count: flow.start.count)
    var before = flow.start
    var resumed: (Restart, Double, [Double])?
    while plain.time < 50 {
      try plain.advance(to: 50)
      try busy.advance(to: 50)
      func look(_ t: Double) throws -> [Double] {
        try scratch.withMutableSpan { try busy.interpolate(at: t, into: &$0) }
        return scratch.array
      }
      #expect(try look(busy.previousTime) == before)
      let near = try look(busy.time - 1e-9 * (busy.time - busy.previousTime))
      before = busy.withState { [Double](copying: $0) }
      #expect(try look(busy.time) == before)
      #expect(distance(near, before) < 1e-6 * distance(before, flow.start))
      if resumed == nil, busy.time > 5 { resumed = (busy.restart, busy.time, before) }
    }
    #expect(plain.time == 50 && busy.time == 50)
    let end = plain.withState { [Double](copying: $0) }
    #expect(end == before)
    let (restart, t, state) = try #require(resumed)
    let rest = try integrator.makeState(
      for: ODEProblem(flow.flow, from: t, to: 50, initialState: state), restart: restart)
    while rest.time < 50 { try rest.advance(to: 50) }
    #expect(rest.withState { [Double](copying: $0) } == end)
  }

  @Test("the number of threads does not change a bit") func threads() throws {
    let ends = try [1, 2].map { threads in
      let flow = try FlowProblem(
        width: 700, samples: 150, inputs: 40, gamma: 1, activation: ReLU(), threads: threads)
      return try integrate(flow.problem(to: 20), with: ResidualMagnus(rtol: 0.1)).state
    }
    #expect(ends[0] == ends[1])
  }

  @Test("an integration that blows up fails with a sentence") func failure() throws {
    let flow = try FlowProblem()
    var start = flow.start
    start[0] = 1e300
    #expect(throws: (any Error).self) {
      let problem = try ODEProblem(flow.flow, to: 1, initialState: start)
      _ = try ResidualMagnus(rtol: 1e-2).makeState(for: problem, restart: nil)
    }
    let backwards = try ODEProblem(flow.flow, from: 1, to: 0, initialState: flow.start)
    #expect(ResidualMagnus(rtol: 1e-2).refusal(of: backwards)?.contains("forwards") == true)
  }
}
