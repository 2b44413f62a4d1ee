import ExponentialIntegrators
import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("Exponential integrators keep the integrator's contract")
struct ConformanceTests {
  @Test("every method", arguments: ExponentialMethod.all)
  func methods(_ method: ExponentialMethod) {
    for rtol in [1e-4, 1e-7] {
      let integrator = ExponentialRungeKutta(method, StepControl(rtol: rtol, atol: rtol / 10))
      var conformance = IntegratorConformance()
      conformance.accuracy = max(100 * rtol, 1e-4)
      #expect(conformance.violations(of: integrator) == [], "rtol \(rtol)")
    }
  }

  @Test("the one that picks") func automatic() {
    #expect(IntegratorConformance().violations(of: Exponential(.automatic, StepControl())) == [])
  }

  @Test("the magnus method says what it cannot do") func refusal() throws {
    let problem = ReferenceProblem.decay.problem
    let integrator = Exponential(.magnus, StepControl())
    #expect(integrator.refusal(of: problem)?.contains("residuals") == true)
    #expect(throws: IntegrationFailure.self) { try integrator.makeState(for: problem, restart: nil) }
  }
}
