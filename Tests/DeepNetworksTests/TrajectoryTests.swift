import ActivationsPlugins
import DeepNetworks
import ExponentialIntegrators
import Foundation
import LossesPlugins
import ODECore
import RungeKutta
import SundialsIntegrators
import Testing

/// Trajectories of `Tests/Oracles/deep_trajectories.py`: SciPy at 1e-12.
struct Trajectory: Decodable, CustomTestStringConvertible, Sendable {
  let name: String
  let widths: [Int]
  let activation: String
  let kappa: Double
  let mobilities: [Double]
  let x: [[Double]]
  let y: [Double]
  let seed: UInt64
  let centred: Bool
  let end: Double
  let theta: [Double]
  let loss: Double

  var testDescription: String { name }

  struct File: Decodable {
    let trajectories: [Trajectory]
    let linear: LinearModes
  }
  static let file = fixture("deep_trajectories", as: File.self)
  static let all = file.trajectories

  func problem() throws -> (flow: ArchitectureFlow, problem: ODEProblem) {
    let network = DeepNetwork(
      widths: widths, kappa: kappa,
      activations: widths.dropFirst(2).map { _ in DeepNetworksTests.activation(activation) })
    let data = Samples(
      inputs: Inputs(x.flatMap { $0 }, dimension: widths[0]), targets: y, outputCount: widths.last!)
    let plain = try ArchitectureFlow(
      architecture: network, mobilities: mobilities, data: data, loss: SquaredLoss())
    let start = try DeepStart(seed: seed).state(for: network)
    let flow = centred ? try plain.centred(at: start) : plain
    return (flow, try ODEProblem(flow, to: end, initialState: start))
  }
}

struct LinearModes: Decodable, Sendable {
  let strengths: [Double]
  let start: [[Double]]
  let end: Double
  let sizes: [[Double]]
}

@Suite("Trajectories of networks of any depth")
struct TrajectoryTests {
  /// Every family of methods, at a tolerance, with the error that it may leave of SciPy's end. Second-order methods and those whose
  /// tolerance is that of the change get 50 times their tolerance; the others' local errors add up to ten times.
  static var methods: [(any Integrator, Double)] {
    [
      (DormandPrince(rtol: 1e-10, atol: 1e-11), 1e-8),
      (RKC(StepControl(rtol: 1e-7, atol: 1e-7)), 1e-5),
      (CVODEBDF(rtol: 1e-8, atol: 1e-9, linearSolver: .spgmr()), 1e-5),
      (CVODEAdams(rtol: 1e-9, atol: 1e-10), 1e-6),
      (ResidualMagnus(rtol: 1e-6), 1e-4),
      (ExponentialRungeKutta(.krogstad, StepControl(rtol: 1e-8, atol: 1e-9)), 1e-6),
      (ExponentialRungeKutta(.exprb43, StepControl(rtol: 1e-8, atol: 1e-9)), 1e-6),
    ]
  }

  @Test("all families of methods end where SciPy does", arguments: Trajectory.all, methods.indices)
  func ends(_ oracle: Trajectory, _ index: Int) throws {
    let (method, allowed) = Self.methods[index]
    let (flow, problem) = try oracle.problem()
    let solution = try integrate(problem, with: method)
    #expect(solution.returnCode == .success)
    #expect(difference(solution.state, oracle.theta) < allowed, "\(method.name)")
    #expect(abs(flow.risk(solution.state.span) - oracle.loss) < 100 * allowed * max(oracle.loss, 1e-3))
  }

  /// Two inputs with `X^T X = n I` and teacher `diag(strengths)`; identity, aligned start: Saxe et al. 2014.
  @Test("deep linear networks' singular values obey their closed equations")
  func linear() throws {
    let oracle = Trajectory.file.linear
    let network = DeepNetwork(
      widths: [2, 2, 2, 2], kappa: 1, activations: [Identity(), Identity()])
    // R = (1/2n) sum |W x - S x|^2 with x = sqrt(2) e_q, n = 2: grad = (W - S).
    let root = 2.0.squareRoot()
    let data = Samples(
      inputs: Inputs([root, 0, 0, root], dimension: 2),
      targets: [root * oracle.strengths[0], 0, 0, root * oracle.strengths[1]], outputCount: 2)
    let flow = try ArchitectureFlow(
      architecture: network, mobilities: [1, 1, 1], data: data, loss: SquaredLoss())
    let start = (0..<3).flatMap { (l: Int) -> [Double] in [oracle.start[0][l], 0, 0, oracle.start[1][l]] }
    let solution = try integrate(
      ODEProblem(flow, to: oracle.end, initialState: start), with: DormandPrince(rtol: 1e-10, atol: 1e-12))
    let expected = (0..<3).flatMap { (l: Int) -> [Double] in [oracle.sizes[0][l], 0, 0, oracle.sizes[1][l]] }
    #expect(difference(solution.state, expected) < 1e-8)
  }
}

@Suite("Rest of networks of any depth")
struct ArchitectureRestTests {
  /// At rest, what is left of the way is less than the tolerance of every layer: measured by going on.
  @Test("a run ends where nothing moves any more, and not before")
  func rest() throws {
    let (flow, problem) = try Trajectory.all[0].problem()
    let tolerance = 1e-7
    var options = IntegrationOptions()
    options.restTolerance = tolerance
    let long = try ODEProblem(flow, to: 1e6, initialState: problem.initialState)
    let stopped = try integrate(long, with: RKC(StepControl(rtol: 1e-5, atol: 1e-7)), options: options)
    #expect(stopped.returnCode == .stationary)
    #expect(stopped.time < 1e6)
    options.stopsAtRest = false
    let further = try integrate(
      ODEProblem(flow, to: 100 * stopped.time, initialState: stopped.state), with: ResidualMagnus(rtol: 1e-5),
      options: options)
    for block in flow.residualBlocks {
      let moved = block.reduce(0.0) {
        $0 + (further.state[$1] - stopped.state[$1]) * (further.state[$1] - stopped.state[$1])
      }
      let size = block.reduce(0.0) { $0 + stopped.state[$1] * stopped.state[$1] }
      #expect(moved <= tolerance * tolerance * size)
    }
    #expect(try !flow.isAtRest(0, problem.initialState.span, tolerance: tolerance))
  }
}
