import CKinkFlow
import Foundation
import GradientFlow
import ODECore
import Testing

@testable import KinkAwareIntegrator

/// The bench points as the flow sees them, with what a mode needs.
struct Bench {
  let flow: TwoLayerFlow
  let problem: KinkProblem
  let collocation = Collocation(stages: 3)
  let modes: ModeTable
  let path: ResidualPath
  let pool: ThreadPool

  init(_ activation: (any Activation)? = nil, data: Dataset = benchPoints, width: Int = 4) throws {
    flow = try TwoLayerFlow(
      width: width, data: data, scaling: Scaling(kappa: 0.5, kappaPrime: 2),
      activation: activation ?? TwoSlopes(negative: 0, positive: 1), loss: HalfSquare())
    let (first, _) = KinkProblem.distinctInputs(data.samples)
    problem = KinkProblem(flow, flow.activation.pieces!, distinct: first)
    modes = ModeTable(problem, nodes: StateVector(collocation.nodes), staysOnRidges: false)
    path = ResidualPath(problem, collocation)
    let q = problem.q
    pool = ThreadPool(
      width: width, threads: 1,
      scratch: max(Int(CKINK_LANES) * q + ckink_scratch(Int32(problem.D)), q * q + 2 * q))
  }

  /// The sides of all kinks on which `theta = (alpha, w)` is.
  func sides(_ theta: [Double]) -> [Int8] {
    (0..<problem.n).map { i in
      let h = theta[1] * problem.x(i)[0] + theta[2] * problem.x(i)[1]
      return h > 0 ? 1 : -1
    }
  }

  /// Makes the path `e(t) = start + change t`, over a step of length `H`.
  func setPath(_ start: [Double], _ change: [Double]? = nil, length H: Double = 1) {
    let (s, n) = (path.s, path.n)
    for i in 0..<n { path.start.pointer[i] = start[i] }
    path.predict(length: H, after: PastPath(coefficients: StateVector(count: s * n)))
    if let change {
      let values = (0..<s * n).map { collocation.nodes[$0 / n] * change[$0 % n] }
      path.correct(by: values)
    }
  }
}

/// `(f - y)^2 / 2`.
struct HalfSquare: Loss {
  var name: String { "half-square" }
  var isSquared: Bool { true }
  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    for i in 0..<f.count { (value[i], derivative[i]) = ((f[i] - y[i]) * (f[i] - y[i]) / 2, f[i] - y[i]) }
  }
  func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in 0..<f.count { result[i] = 1 }
  }
}

@Suite("Modes: who moves alike, and how")
struct ModeTests {
  @Test("equal sides are one mode; a neighbour differs in one side and is remembered")
  func table() throws {
    let bench = try Bench()
    let one = try bench.modes.mode([1, 1, -1, -1])
    #expect(try bench.modes.mode([1, 1, -1, -1]) === one)
    let held = try bench.modes.neighbour(one, 2, 0)
    #expect(held.pattern.array == [1, 1, 0, -1] && Array(held.held) == [2])
    #expect(try bench.modes.neighbour(one, 2, 0) === held)
    #expect(try bench.modes.mode([1, 1, 0, -1]) === held)
    let rest = try (bench.modes.modeAtRest(1), bench.modes.modeAtRest(-1))
    #expect(rest.0 !== rest.1 && rest.0.pattern.isAtRest && rest.0.walls.isEmpty)
    #expect(bench.modes.made == 4 && bench.modes.count == 4)
    held.neurons.append([1, 2, 3], id: 0)
    bench.modes.dropEmpty()
    #expect(bench.modes.count == 1 && held.index == 0 && bench.modes.made == 4)
    #expect(try bench.modes.mode([1, 1, 0, -1]) === held)
  }

  @Test("kinks that hold one neuron must be linearly independent")
  func dependent() throws {
    // Three kinks in the plane, whose Gram matrix is singular without any rounding.
    let bench = try Bench(
      data: Dataset(name: "thirds", features: [[-1], [0], [1], [2]], targets: [0, 0, 0, 0]))
    let error = #expect(throws: StepFailure.self) { _ = try bench.modes.mode([0, 0, 0, 1]) }
    guard case .dependentKinks = error else { Issue.record("\(String(describing: error))"); return }
    // A mode that could not be made is not known.
    #expect(bench.modes.count == 0)
  }

  /// With constant residuals `b` is constant and the boost by rapidity `|b|` is known: `cosh |b|`, `sinh |b| b/|b|`.
  @Test("along a constant path the propagator is the Lorentz boost of its rapidity")
  func boost() throws {
    let bench = try Bench()
    bench.setPath([1, -2, 0.5, 3], length: 0.7)
    let mode = try bench.modes.mode([-1, 1, 1, 1])
    mode.propagate(along: bench.path)
    // b = -(kappa/n) H sum e_i x_i over samples 1, 2, 3.
    let x = [-0.33, 0.33, 1], e = [-2, 0.5, 3.0]
    let factor = -0.5 / 4 * 0.7
    let b: [Double] = [(e[0] * x[0] + e[1] * x[1] + e[2] * x[2]) * factor, (e[0] + e[1] + e[2]) * factor]
    let eta = (b[0] * b[0] + b[1] * b[1]).squareRoot()
    let psi = mode.endPropagator(bench.path)
    let expected = [cosh(eta), sinh(eta) * b[0] / eta, sinh(eta) * b[1] / eta]
    for c in 0..<3 { #expect(abs(psi[c] - expected[c]) <= 4e-16) }
    // Psi^T eta Psi = eta: (77).
    for a in 0..<3 {
      for c in 0..<3 {
        let form = psi[a] * psi[c] - psi[3 + a] * psi[3 + c] - psi[6 + a] * psi[6 + c]
        #expect(abs(form - (a == c ? (a == 0 ? 1 : -1) : 0)) <= 2e-15)
      }
    }
  }

  @Test("a held mode does not leave its kink, and stands still where nothing pushes it")
  func held() throws {
    let bench = try Bench()
    bench.setPath([1, -2, 0.5, 3], [0.5, 0.5, -2, 1])
    let mode = try bench.modes.mode([-1, 0, 1, 1])
    mode.prepareMotion(along: bench.path)
    for k in 0..<3 { #expect(abs(dot(mode.motion.b + 2 * k, bench.problem.row(1), 2)) <= 1e-16) }
    let dead = try bench.modes.mode([-1, -1, -1, -1])
    dead.prepareMotion(along: bench.path)
    #expect(dead.motion.isStill && !mode.motion.isStill)
  }

  /// On the kink of `x = (0.33, 1)` with samples 0, 1 off and 3 on: `z = -e_3 (x_2.x_3) / |x_2|^2` and the control is
  /// `z / e_2`. With `e_2 = -2 + t`, `e_3 = 1` it reaches 1 when `2 - t = r`, `r = x_2.x_3 / |x_2|^2`.
  @Test("a held neuron is let go when its equivalent control reaches an end of its range")
  func release() throws {
    let bench = try Bench()
    bench.setPath([0, 0, -2, 1], [0, 0, 1, 0])
    let mode = try bench.modes.mode([-1, -1, 0, 1])
    mode.prepareEvents(along: bench.path)
    let ratio = (0.33 + 1) / (0.33 * 0.33 + 1)
    let release = mode.events.release
    #expect(release.kink == 2 && release.isHigh && abs(release.when - (2 - ratio)) <= 1e-15)
  }

  @Test("sums from moments and one by one agree, and give the outputs of the network")
  func moments() throws {
    let bench = try Bench()
    let start = try gaussianStart(bench.flow)
    let now = CurrentResiduals(bench.problem, SampleLoss(bench.flow, group: [0, 1, 2, 3], distinct: 4))
    for k in 0..<4 {
      let theta = [2 * start[k], start[4 + k], start[8 + k]]
      try bench.modes.mode(bench.sides(theta)).neurons.append(theta, id: Int32(k))
    }
    for mode in bench.modes.modes { mode.rebuildMoments(bench.pool) }
    now.evaluate(bench.modes)
    let pass = bench.flow.forward(start.span)
    #expect(largestDifference(now.outputs.array, pass.predictions) <= 1e-15)
    #expect(largestDifference(now.residuals.array, pass.residuals) <= 1e-15)
    #expect(abs(now.risk - bench.flow.risk(start.span)) <= 1e-15)
  }
}
