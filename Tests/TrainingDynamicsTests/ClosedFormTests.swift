import DynamicsPlugins
import Foundation
import ImplicitRungeKutta
import ODECore
import RungeKutta
import SundialsIntegrators
import Testing
import TrainingDynamics

/// Dynamics with the solution of `q'' ...` for one mode of rate `s`: its distance from the minimum, from 1 and at rest.
struct ClosedForm: CustomTestStringConvertible, Sendable {
  let dynamics: any Dynamics
  /// `(s, t)`.
  let mode: @Sendable (Double, Double) -> Double
  var testDescription: String { dynamics.name }

  static let all = [
    ClosedForm(dynamics: PlainFlow()) { s, t in exp(-s * t) },
    // epsilon q'' + q' + s q = 0: roots (-1 +- sqrt(1 - 4 epsilon s)) / (2 epsilon).
    ClosedForm(dynamics: HeavyBall(epsilon: 0.5)) { s, t in
      let (half, discriminant) = (1 / (2 * 0.5), 1 / (4 * 0.25) - s / 0.5)
      let w = abs(discriminant).squareRoot()
      return exp(-half * t)
        * (discriminant > 0 ? cosh(w * t) + half / w * sinh(w * t) : cos(w * t) + half / w * sin(w * t))
    },
    // t q'' + 3 q' + s t q = 0 is Bessel's equation for t q: Su, Boyd, Candes 2016, section 3.1.
    ClosedForm(dynamics: Nesterov()) { s, t in
      let z = t * s.squareRoot()
      return z == 0 ? 1 : 2 * j1(z) / z
    },
    // Likewise with damping 2, for which the Bessel function is elementary: sin(z)/z.
    ClosedForm(dynamics: Nesterov(damping: 2)) { s, t in
      let z = t * s.squareRoot()
      return z == 0 ? 1 : sin(z) / z
    },
  ]
}

@Suite("Dynamics on a quadratic have closed forms")
struct ClosedFormTests {
  static let end = 3.0

  static func exact(_ form: ClosedForm) -> [Double] {
    let quadratic = Quadratic.threeModes()
    return (0..<3).map {
      let (distance, rate) = quadratic.mode($0)
      return quadratic.minimum[$0] + distance * form.mode(rate, end)
    }
  }

  static func problem(_ dynamics: any Dynamics) throws -> ODEProblem {
    try ODEProblem(Quadratic.threeModes(), to: end, initialState: Quadratic.start).moved(by: dynamics)
  }

  static func error(_ form: ClosedForm, _ integrator: some Integrator) throws -> Double {
    let problem = try problem(form.dynamics)
    let solution = try integrate(problem, with: integrator)
    #expect(solution.returnCode == .success)
    return zip(problem.ambientState(solution.state), exact(form)).map { abs($0 - $1) }.max()!
  }

  // Bounds: a hundred tolerances, as errors of steps add up over some ten time constants.
  @Test("which explicit methods follow", arguments: ClosedForm.all)
  func explicit(_ form: ClosedForm) throws {
    #expect(try Self.error(form, DOP853(rtol: 1e-11, atol: 1e-12)) < 1e-9)
    #expect(try Self.error(form, DormandPrince(rtol: 1e-8, atol: 1e-9)) < 1e-6)
  }

  @Test("which BDF follows, with the flow's own Newton systems", arguments: ClosedForm.all)
  func implicit(_ form: ClosedForm) throws {
    let method = CVODEBDF(rtol: 1e-9, atol: 1e-10, linearSolver: .structured)
    #expect(try Self.error(form, method) < 1e-6)
  }

  /// Nesterov's Jacobian falls like 1/t from an infinite one at the start.
  @Test("which Radau's method follows", arguments: ClosedForm.all)
  func implicitRungeKutta(_ form: ClosedForm) throws {
    #expect(try Self.error(form, Radau(rtol: 1e-9, atol: 1e-10)) < 1e-7)
    #expect(try Self.error(form, Radau(rtol: 1e-5, atol: 1e-6)) < 1e-3)
  }

  @Test("which the classical method follows to order 4, but for the start of Nesterov's equation")
  func order() throws {
    // Halving the step divides the error by 16; at t = 0 the equation is singular, and the first step is of order 2 in v.
    for form in ClosedForm.all where !(form.dynamics is Nesterov) {
      let errors = try [0.02, 0.01].map { try Self.error(form, ClassicalRK4(step: .value($0))) }
      #expect(abs(errors[0] / errors[1] / 16 - 1) < 0.1, "\(form.dynamics.name): \(errors)")
    }
  }

  @Test("with weight decay, where every mode goes to a shifted minimum")
  func decay() throws {
    // q' = -s (q - c) - rho q = -(s + rho) (q - s c / (s + rho)).
    let (quadratic, rho) = (Quadratic.threeModes(), 0.7)
    let exact = (0..<3).map { i in
      let s = quadratic.mode(i).rate
      let shifted = s * quadratic.minimum[i] / (s + rho)
      return shifted + (Quadratic.start[i] - shifted) * exp(-(s + rho) * Self.end)
    }
    let problem = try Self.problem(WeightDecay(rate: rho))
    let solutions = try [
      integrate(problem, with: DOP853(rtol: 1e-11, atol: 1e-12)).state,
      integrate(problem, with: CVODEBDF(rtol: 1e-9, atol: 1e-10, linearSolver: .structured)).state,
    ]
    for (solution, bound) in zip(solutions, [1e-9, 1e-6]) {
      #expect(zip(solution, exact).allSatisfy { abs($0 - $1) < bound }, "\(solution) \(exact)")
    }
  }

  @Test("and a heavy ball without mass is the gradient flow")
  func massless() throws {
    // The difference is of order epsilon: theta - theta_flow = epsilon s (1 - s t) exp(-s t) q_0 + O(epsilon^2).
    let flow = Self.exact(ClosedForm.all[0])
    let distances = try [1e-3, 5e-4].map { epsilon in
      let problem = try Self.problem(HeavyBall(epsilon: epsilon))
      let end = try integrate(problem, with: CVODEBDF(rtol: 1e-10, atol: 1e-12)).state
      return zip(end, flow).map { abs($0 - $1) }.max()!
    }
    #expect(abs(distances[0] / distances[1] / 2 - 1) < 0.01, "\(distances)")
  }
}
