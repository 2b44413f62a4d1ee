import ActivationsPlugins
import CDeepKernels
import DeepNetworks
import ExponentialIntegrators
import Foundation
import GradientFlow
import LossesPlugins
import Networks
import ODECore
import RungeKutta
import Testing

@Suite("Units over and along their kinks")
struct KinkMotionTests {
  private struct Unit {
    let n = 4
    let (above, below): (Double, Double)
    let gram: [Double]
    let impulses: [Double]
    let drift: [Double]
    let start: [Double]

    /// A random unit: a positive definite Gram matrix, impulses of both signs.
    init(_ generator: inout PCG64, above: Double, below: Double) {
      (self.above, self.below) = (above, below)
      let n = n
      let a = (0..<n * 6).map { _ in generator.nextNormal() }
      gram = (0..<n * n).map { e in (0..<6).reduce(0) { $0 + a[e / n * 6 + $1] * a[e % n * 6 + $1] / 6 } }
      impulses = (0..<n).map { _ in 2 * generator.nextNormal() }
      drift = (0..<n).map { _ in generator.nextNormal() }
      start = (0..<n).map { _ in 0.5 * generator.nextNormal() }
    }

    func slope(_ z: Double) -> Double { z > 0 ? above : below }

    /// `z' = drift - G diag(impulses) s(z)` by Euler's method: along a kink it chatters with an amplitude of one step.
    func euler(steps: Int) -> (end: [Double], mean: [Double]) {
      var (z, mean) = (start, [Double](repeating: 0, count: n))
      let h = 1 / Double(steps)
      for _ in 0..<steps {
        let s = z.map(slope)
        for i in 0..<n {
          mean[i] += h * s[i]
          z[i] += h * (drift[i] - (0..<n).reduce(0) { $0 + gram[i * n + $1] * impulses[$1] * s[$1] })
        }
      }
      return (z, mean)
    }

    func exact() -> (end: [Double], mean: [Double], slope: [Double], held: UInt16) {
      var z = zip(start, drift).map { $0 + $1 }
      var (mean, slope, held) = (z, z, UInt16(0))
      cdeep_follow_units(1, n, 1, gram, impulses, above, below, start, [0], &z, &mean, &slope, &held)
      return (z, mean, slope, held)
    }
  }

  /// Euler's error is of the order of its step times the rates, some units, and more where a unit passes close to a corner where two kinks meet: rarely.
  @Test(
    "follow the solution of Filippov that Euler's method with tiny steps chatters along", arguments: [0, 0.1])
  func followsFilippov(_ below: Double) {
    var generator = PCG64(seed: 5)
    var (near, held, count) = (0, 0, 0)
    for _ in 0..<200 {
      let unit = Unit(&generator, above: 1, below: below)
      let (end, mean) = unit.euler(steps: 20_000)
      let given = unit.exact()
      let worst = zip(given.end + given.mean, end + mean).map { abs($0 - $1) }.max()!
      if worst < 2e-3 { near += 1 }
      held += given.held.nonzeroBitCount
      count += 1
      for i in 0..<unit.n where given.held >> i & 1 == 1 {
        #expect(given.end[i] == 0)
        #expect(given.slope[i] > below && given.slope[i] < 1)
      }
    }
    #expect(near >= count - 2)
    // Sliding is no exception.
    #expect(held > count / 4)
  }

  /// The part of a unit's Gram matrix orthogonal to the held samples by Schur's complement, written out for one.
  @Test("a held unit's kernel is projected")
  func projected() {
    let (n, units) = (3, 2)
    let gram = [2, 0, 0, 0.5, 3, 0, -0.25, 1, 4.0]
    func g(_ i: Int, _ j: Int) -> Double { gram[max(i, j) * n + min(i, j)] }
    let p = [0.5, 2, -1, 0.3, 0.7, -0.4]
    var kernel = [Double](repeating: 0, count: n * n)
    for i in 0..<n {
      for j in 0...i {
        for k in 0..<units { kernel[i * n + j] += g(i, j) * p[i * units + k] * p[j * units + k] }
      }
    }
    // The second unit is held at sample 1.
    cdeep_project_held(units, n, 1, 1, 0, gram, [0, 2], p, &kernel)
    for i in 0..<n {
      for j in 0...i {
        let free = g(i, j) * p[i * units] * p[j * units]
        let slides = i == 1 || j == 1 ? 0 : g(i, j) - g(i, 1) * g(1, j) / g(1, 1)
        #expect(abs(kernel[i * n + j] - free - slides * p[i * units + 1] * p[j * units + 1]) < 1e-14)
      }
    }
  }

  private static let points = Inputs(features: [[-0.5], [-1.0 / 6], [1.0 / 6], [0.5]])

  private func problem(_ gamma: Double) throws -> (ArchitectureFlow, ODEProblem) {
    let scaling = try DeepScaling(gamma: gamma, mobilityExponents: [0, 0, 0], width: 30)
    let network = DeepNetwork(
      widths: [2, 30, 30, 1], kappa: scaling.kappa, activations: [ReLU(), LeakyReLU(slope: 0.1)])
    let start = try DeepStart(seed: 4).state(for: network)
    let flow = try ArchitectureFlow(
      architecture: network, mobilities: scaling.mobilities,
      data: Samples(inputs: Self.points, targets: [0.25, 1.0 / 36, 1.0 / 36, 0.25]), loss: SquaredLoss())
    let stop = 1e-3 * flow.risk(start.span)
    let event = Event("stop", direction: .falling, isTerminal: true, searchesInside: false) { _, y in
      log(flow.risk(y) / stop)
    }
    return (flow, try ODEProblem(flow, to: .infinity, initialState: start, events: [event]))
  }

  private func layers(_ problem: ODEProblem, _ flow: ArchitectureFlow, _ method: some Integrator) throws
    -> [Double]
  {
    let end = try integrate(problem, with: method).state
    return LayerDistances(problem.initialState.span, of: flow)(end.span).layers
  }

  /// Against an explicit pair that steps across kinks with tiny steps.
  @Test("a run that slides has RD of every layer to 1e-3", arguments: [1.0, 1.5, 2])
  func slides(_ gamma: Double) throws {
    let (flow, problem) = try problem(gamma)
    let expected = try layers(problem, flow, DormandPrince(rtol: 1e-6, atol: 1e-7))
    let given = try layers(problem, flow, ResidualMagnus(rtol: 1e-4))
    #expect(difference(given, expected) < 1e-3)
  }

  @Test("a resumed run has the same bits")
  func resumed() throws {
    let (_, problem) = try problem(1.5)
    let method = ResidualMagnus(rtol: 1e-3)
    let whole = try method.makeState(for: problem, restart: nil)
    for _ in 0..<12 { try whole.advance(to: .infinity) }
    let (time, restart, y) = (whole.time, whole.restart, whole.withState { y in y.indices.map { y[$0] } })
    for _ in 0..<5 { try whole.advance(to: .infinity) }
    let later = try ODEProblem(problem.system, from: time, to: .infinity, initialState: y)
    let resumed = try method.makeState(for: later, restart: restart)
    for _ in 0..<5 { try resumed.advance(to: .infinity) }
    #expect(resumed.time == whole.time)
    whole.withState { a in resumed.withState { b in #expect(a.indices.allSatisfy { a[$0] == b[$0] }) } }
  }
}
