import Foundation
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("verlet")
struct VerletTests {
  /// `H = p^2/2 + q^2/2`, and Kepler's `H = |p|^2/2 - 1/|q|`.
  private struct Hamiltonian: Partitioned {
    let dimension: Int
    var isPartitioned: Bool { true }
    func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      guard dimension == 4 else {
        dy[0] = y[1]
        dy[1] = -y[0]
        return
      }
      let r = (y[0] * y[0] + y[1] * y[1]).squareRoot()
      (dy[0], dy[1]) = (y[2], y[3])
      dy[2] = -y[0] / (r * r * r)
      dy[3] = -y[1] / (r * r * r)
    }
  }

  @Test("has the order that it is asked for", arguments: [2, 4])
  func order(order: Int) throws {
    // q = cos t, p = -sin t.
    let errors = try [0.1, 0.05, 0.025].map { h in
      let problem = try ODEProblem(Hamiltonian(dimension: 2), to: 5, initialState: [1, 0])
      let y = try integrate(problem, with: Verlet(step: h, order: order)).state
      return hypot(y[0] - cos(5), y[1] + sin(5))
    }
    let measured = OrderMeasurement(steps: [0.1, 0.05, 0.025], errors: errors).order
    #expect(abs(measured - Double(order)) < 0.1, "\(measured)")
  }

  @Test(
    "keeps the energy of an eccentric orbit over a thousand revolutions, where rk4 with more evaluations loses it"
  )
  func energy() throws {
    // Eccentricity 0.6; the energy is -1/2.
    let problem = try ODEProblem(
      Hamiltonian(dimension: 4), to: 2000 * .pi, initialState: [0.4, 0, 0, 2])
    func defect(_ y: [Double]) -> Double {
      abs(0.5 * (y[2] * y[2] + y[3] * y[3]) - 1 / hypot(y[0], y[1]) + 0.5)
    }
    let symplectic = try integrate(problem, with: Verlet(step: 0.02, order: 4))
    let other = try integrate(problem, with: ClassicalRK4(step: .value(0.008)))
    #expect(other.statistics.nfev > symplectic.statistics.nfev / 2)
    #expect(defect(symplectic.state) < 1e-4)
    #expect(defect(other.state) > 10 * defect(symplectic.state))
  }

  @Test("refuses systems that are not partitioned, and unusable settings")
  func refusals() throws {
    let closure = try ODEProblem(
      ClosureSystem(dimension: 2) { _, y, dy in
        dy[0] = y[1]
        dy[1] = -y[0]
      }, to: 1, initialState: [1, 0])
    #expect(Verlet(step: 0.1).refusal(of: closure) != nil)
    let problem = try ODEProblem(Hamiltonian(dimension: 2), to: 1, initialState: [1, 0])
    for verlet in [Verlet(step: 0), Verlet(step: 0.1, order: 3)] {
      #expect(throws: IntegrationFailure.self) { _ = try verlet.makeState(for: problem, restart: nil) }
    }
  }

  @Test("interpolates, and goes on after a restart with the same bits")
  func restart() throws {
    let problem = try ODEProblem(Hamiltonian(dimension: 2), to: 2, initialState: [1, 0])
    let whole = try Verlet(step: 0.1, order: 4).makeState(for: problem, restart: nil)
    for _ in 0..<7 { try whole.advance(to: 2) }
    let rest = try Verlet(step: 0.1, order: 4).makeState(
      for: problem.restarted(at: whole.time, whole.withState { [Double](copying: $0) }),
      restart: whole.restart)
    var y = [0.0, 0]
    while whole.time < 2 {
      try whole.advance(to: 2)
      try rest.advance(to: 2)
      let middle = 0.5 * (whole.previousTime + whole.time)
      var span = y.mutableSpan
      try whole.interpolate(at: middle, into: &span)
      #expect(hypot(y[0] - cos(middle), y[1] + sin(middle)) < 1e-5)
    }
    #expect(whole.withState { [Double](copying: $0) } == rest.withState { [Double](copying: $0) })
  }

  @Test("component tolerances decide where they are given")
  func componentTolerances() throws {
    // Two decays, the second far below any common atol: y2 = 1e-12 exp(-t).
    let problem = try ODEProblem(
      ClosureSystem(dimension: 2) { t, y, dy in
        dy[0] = -y[0]
        dy[1] = -20 * (y[1] - 1e-12 * cos(t))
      }, to: 3, initialState: [1, 1e-12])
    func error(_ atols: [Double]?) throws -> Double {
      var control = StepControl(rtol: 1e-6, atol: 1e-6)
      control.atols = atols
      let y = try integrate(problem, with: DormandPrince(control)).state[1]
      // y' = -k (y - c cos t): c (k^2 cos t + k sin t)/(k^2 + 1) beyond the transient.
      return abs(y * 1e12 - (400 * cos(3) + 20 * sin(3)) / 401)
    }
    #expect(try error([1e-6, 1e-16]) < 1e-3)
    #expect(try error(nil) > 10 * error([1e-6, 1e-16]))
    var control = StepControl()
    control.atols = [1e-3]
    #expect(throws: IntegrationFailure.self) {
      _ = try DormandPrince(control).makeState(for: problem, restart: nil)
    }
    (control.atols, control.norm) = ([1e-3, 1e-3], StateNorm())
    #expect(throws: IntegrationFailure.self) {
      _ = try DormandPrince(control).makeState(for: problem, restart: nil)
    }
  }
}
