import ActivationsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import RungeKutta
import SundialsIntegrators
import Testing

@Suite("CVODE with the system's own Newton solves")
struct StructuredTests {
  /// Ten points on a line, `y = sin 3x`.
  private static func flow(_ activation: some Activation, width: Int = 20) throws -> TwoLayerFlow {
    let x = (0..<10).map { -1 + Double($0) / 4.5 }
    return try TwoLayerFlow(
      width: width,
      data: Dataset(name: "line", features: x.map { [$0] }, targets: x.map { Foundation.sin(3 * $0) }),
      scaling: Scaling(gamma: 1, gammaPrime: 0, width: width), activation: activation,
      loss: SquaredLoss())
  }

  @Test("structured BDF, dense BDF and Dormand-Prince agree on a flow with tanh")
  func agreement() throws {
    let flow = try Self.flow(Tanh())
    let start = try GaussianStart(seed: 3).state(for: flow.shape)
    func end(_ integrator: some Integrator) throws -> Solution {
      let solution = try integrate(
        ODEProblem(flow, to: 500, initialState: start), with: integrator)
      #expect(solution.returnCode == .success, "\(solution.message)")
      return solution
    }
    let explicit = try end(DormandPrince(rtol: 1e-12, atol: 1e-14))
    let structured = try end(
      CVODEBDF(rtol: 1e-10, atol: 1e-12, linearSolver: .structured))
    let dense = try end(CVODEBDF(rtol: 1e-10, atol: 1e-12, linearSolver: .dense))
    // BDF's global error at this tolerance: some hundred steps of 1e-10 each.
    #expect(largestDifference(structured.state, explicit.state) < 1e-7)
    #expect(largestDifference(dense.state, explicit.state) < 1e-7)
    // The same method with the same kind of matrix: only rounding and the age of Jacobians differ.
    let (a, b) = (structured.statistics, dense.statistics)
    #expect(abs(a.accepted - b.accepted) < b.accepted / 10, "\(a.accepted), \(b.accepted)")
    #expect(Double(a.nni) < 1.1 * Double(b.nni), "\(a.nni), \(b.nni)")
    // One evaluation of f for each iteration and each step's prediction, none for difference quotients.
    #expect(a.nfev < b.nfev)
    #expect(a.nfev <= a.nni + a.accepted + a.rejected + 10)
  }

  @Test("solves, preparations and iterations are counted; preparations are reused")
  func counts() throws {
    let heat = HeatWithNewton(points: 60)
    let solution = try integrate(
      ODEProblem(heat, to: 0.2, initialState: heat.start),
      with: CVODEBDF(rtol: 1e-6, linearSolver: .structured))
    #expect(solution.returnCode == .success, "\(solution.message)")
    let s = solution.statistics
    #expect(s.njev == heat.preparations && s.nsetups == heat.preparations)
    #expect(s.nni == heat.solves)
    #expect(s.nfev == heat.derivatives)
    #expect(s.nli == 0 && s.npe == 0 && s.nps == 0 && s.njtimes == 0 && heat.products == 0)
    // CVODE prepares at least every 20 steps, and for each change of gamma by 30 %.
    #expect(s.njev < s.accepted / 2 && s.njev >= s.accepted / 20, "\(s.njev) of \(s.accepted)")
    // A linear problem with the exact matrix, but a lagged gamma: hardly more than one iteration a step.
    #expect(Double(s.nni) < 1.7 * Double(s.accepted), "\(s.nni) of \(s.accepted)")
  }

  @Test("the correction for a lagged gamma is that of CVODE's LU factors: the same steps")
  func sameAsDense() throws {
    func statistics(_ solver: CVODELinearSolver) throws -> Statistics {
      let heat = HeatBothWays(points: 40)
      var bdf = CVODEBDF(linearSolver: solver)
      bdf.iterationTolerance = 0.1
      return try integrate(ODEProblem(heat, to: 0.2, initialState: heat.start), with: bdf).statistics
    }
    let (a, b) = (try statistics(.structured), try statistics(.dense))
    #expect(a.accepted == b.accepted && a.nni == b.nni && a.nsetups == b.nsetups && a.netf == b.netf)
  }

  @Test("it serves Adams, too")
  func adams() throws {
    let heat = HeatWithNewton(points: 60)
    let solution = try integrate(
      ODEProblem(heat, to: 0.2, initialState: heat.start),
      with: CVODEAdams(nonlinear: .newton(.structured)))
    #expect(solution.returnCode == .success && heat.solves == solution.statistics.nni)
  }

  @Test("ReLU: structured BDF follows a flow whose neurons cross no kink")
  func relu() throws {
    let flow = try Self.flow(ReLU(), width: 8)
    // w_k = (0, +-1) with slopes too small to bring a kink into [-1, 1] before t = 1.
    var numbers = Congruential(state: 5)
    var start = (0..<8).map { _ in numbers.uniform() }
    start += (0..<8).map { _ in 0.1 * numbers.uniform() }
    start += (0..<8).map { _ in 2.0 }
    func end(_ integrator: some Integrator) throws -> [Double] {
      try integrate(ODEProblem(flow, to: 1, initialState: start), with: integrator).state
    }
    let structured = try end(CVODEBDF(rtol: 1e-9, atol: 1e-12, linearSolver: .structured))
    let explicit = try end(DormandPrince(rtol: 1e-12, atol: 1e-14))
    for k in 0..<8 { #expect(abs(explicit[8 + k]) < explicit[16 + k]) }
    #expect(largestDifference(structured, explicit) < 1e-7)
  }

  @Test("a singular system makes the step smaller; one that stays singular ends the run by name")
  func singular() throws {
    let tolerant = Decay(singularAbove: 1e-3)
    let solution = try integrate(
      ODEProblem(tolerant, to: 1, initialState: [1]),
      with: CVODEBDF(linearSolver: .structured, initialStep: 0.1))
    #expect(solution.returnCode == .success, "\(solution.message)")
    #expect(abs(solution.state[0] - exp(-1)) < 1e-4)
    #expect(solution.statistics.ncfn > 0)

    let hopeless = try integrate(
      ODEProblem(Decay(singularAbove: 0), to: 1, initialState: [1]),
      with: CVODEBDF(linearSolver: .structured))
    #expect(hopeless.returnCode == .initialFailure)
    #expect(hopeless.message.contains("singular to working precision"), "\(hopeless.message)")
  }

  @Test("an error of the system's own ends the run and arrives as it was")
  func ownError() throws {
    struct Own: Error, Equatable {}
    let system = Decay(singularAbove: .infinity, error: Own())
    #expect(throws: Own.self) {
      try integrate(
        ODEProblem(system, to: 1, initialState: [1]), with: CVODEBDF(linearSolver: .structured))
    }
  }

  @Test("a system that cannot solve is refused by name")
  func refused() throws {
    let solution = try integrate(
      ODEProblem(Oscillator(), to: 1, initialState: [1, 0]),
      with: CVODEBDF(linearSolver: .structured))
    #expect(solution.returnCode == .initialFailure)
    #expect(solution.message.contains("NewtonSystemSolving"))
  }
}

private func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  zip(a, b).map { abs($0 - $1) }.max()!
}

private struct Congruential {
  var state: UInt64
  /// In (-1, 1), by a linear congruential generator (Knuth's MMIX).
  mutating func uniform() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(Int64(bitPattern: state)) / 0x1p63
  }
}

/// The heat equation with its dense Jacobian and with Newton solves.
private final class HeatBothWays: NewtonSystemSolving, DenseJacobianProviding {
  private let solver: HeatWithNewton
  private let matrix: HeatWithJacobian
  init(points: Int) {
    solver = HeatWithNewton(points: points)
    matrix = HeatWithJacobian(points: points)
  }
  var start: [Double] { solver.start }
  var dimension: Int { solver.dimension }
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    try solver.derivative(t, y, into: &dy)
  }
  func jacobian(_ t: Double, _ y: Span<Double>, into j: inout MutableSpan<Double>) throws {
    try matrix.jacobian(t, y, into: &j)
  }
  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    try solver.prepareNewton(t, y, gamma: gamma)
  }
  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    try solver.solveNewton(r, into: &z)
  }
}

/// `y' = -y`, whose Newton system pretends to be singular for large gamma.
private final class Decay: NewtonSystemSolving {
  private let limit: Double
  private let error: (any Error)?
  private var gamma = 0.0
  let dimension = 1

  init(singularAbove limit: Double, error: (any Error)? = nil) {
    self.limit = limit
    self.error = error
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) { dy[0] = -y[0] }

  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    if let error { throw error }
    if gamma > limit { throw SingularNewtonSystem(time: t, gamma: gamma, part: "pretended") }
    self.gamma = gamma
  }

  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) { z[0] = r[0] / (1 + gamma) }
}
