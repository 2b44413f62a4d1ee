import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("Every built-in stepper keeps the integrator's contract")
struct ConformanceTests {
  private func violations(_ integrator: some Integrator, accuracy: Double) -> [String] {
    var conformance = IntegratorConformance()
    conformance.accuracy = accuracy
    return conformance.violations(of: integrator)
  }

  // Euler: the oscillator's amplitude grows by h t/2 = 2e-3 over four units; with the automatic step
  // (h = 0.1) by 0.2.
  @Test("euler") func euler() {
    #expect(violations(Euler(step: .value(1e-3)), accuracy: 4e-3) == [])
    #expect(violations(Euler(), accuracy: 0.3) == [])
  }

  // h = 0.7: h^4 t/120 = 8e-3.
  @Test("rk4") func rk4() {
    #expect(violations(ClassicalRK4(step: .value(0.01)), accuracy: 1e-8) == [])
    #expect(violations(ClassicalRK4(), accuracy: 1e-2) == [])
  }

  // Local errors of at most rtol accumulate over some ten to a hundred steps.
  @Test("dormand-prince") func dormandPrince() {
    #expect(violations(DormandPrince(rtol: 1e-4, atol: 1e-6), accuracy: 1e-2) == [])
    #expect(violations(DormandPrince(rtol: 1e-10, atol: 1e-12), accuracy: 1e-7) == [])
    #expect(violations(DormandPrince(norm: MaxNorm()), accuracy: 1e-4) == [])
    #expect(violations(DormandPrince(norm: StateNorm()), accuracy: 1e-4) == [])
    #expect(violations(DormandPrince(initialStep: 0.01, maxStep: 0.1), accuracy: 1e-4) == [])
  }

  @Test("dop853") func dop853() {
    #expect(violations(DOP853(rtol: 1e-4, atol: 1e-6), accuracy: 1e-2) == [])
    #expect(violations(DOP853(rtol: 1e-11, atol: 1e-12), accuracy: 1e-8) == [])
    #expect(violations(DOP853(norm: MaxNorm()), accuracy: 1e-4) == [])
  }

  @Test("bogacki-shampine") func bogackiShampine() {
    #expect(violations(BogackiShampine(rtol: 1e-4, atol: 1e-6), accuracy: 1e-2) == [])
  }

  @Test("any pair given as a tableau, also one whose last stage is not the first") func heunEuler() throws {
    let tableau = try ButcherTableau(
      name: "heun-euler", a: [[], [1]], b: [0.5, 0.5], bHat: [1, 0], c: [0, 1], order: 2, embeddedOrder: 1,
      denseOutput: .hermite)
    let integrator = EmbeddedRungeKutta(tableau, StepControl(rtol: 1e-4, atol: 1e-6))
    #expect(violations(integrator, accuracy: 1e-2) == [])
  }
}
