import Foundation
import ODECore
import Testing

@Suite("Steps from the flow's own spectral radius")
struct StepSizeKnowledgeTests {
  // Errors at the default fractions, measured: RD_w 4e-5, 1.1e-4, 7.5e-4 (euler), 1.5e-4, 4.7e-4, 7.3e-4
  // (rk4); t 0.04, 0.12, 1.8 % and 0.03, 0.14, 1.1 %. The order of rk4 is lost at the kinks. Bounds: twice.
  @Test(
    "gradient descent without a learning rate reaches the stop, stable and within 0.2 % in RD_w",
    arguments: [0.5, 1, 1.75], ["euler", "rk4"])
  func fixedSteps(gamma: Double, integrator: String) throws {
    let outcome = try FourPoints.run(integrator, gamma: gamma)
    let converged = FourPoints.converged[gamma]!
    #expect(outcome.returnCode == .stopped)
    #expect(outcome.rise == 0)
    #expect(abs(outcome.distance / converged.distance - 1) < 2e-3)
    #expect(abs(outcome.time / converged.time - 1) < 4e-2)
    // Euler takes 3,550 to 7,070 steps, rk4 515 to 1,016.
    #expect(outcome.statistics.accepted < (integrator == "euler" ? 10_000 : 1500))
  }

  @Test(
    "adaptive pairs at loose tolerance reach the stop, at the right time",
    arguments: [
      "dormand-prince", "bogacki-shampine",
    ])
  func loose(integrator: String) throws {
    let outcome = try FourPoints.run(integrator, gamma: 0.5)
    #expect(outcome.returnCode == .stopped)
    #expect(outcome.rise == 0)
    // R falls like exp(-0.0134 t), so the time is off by 2 delta|e|/|e| / 0.0134. Measured: 0.05 % and 0.11 %.
    let bound = integrator == "dormand-prince" ? 1e-3 : 2e-3
    #expect(abs(outcome.time / FourPoints.converged[0.5]!.time - 1) < bound, "t = \(outcome.time)")
    #expect(abs(outcome.distance / FourPoints.converged[0.5]!.distance - 1) < 1e-3)
    #expect(outcome.statistics.accepted < 500)
  }

  @Test("without the stability limit bogacki-shampine's noise keeps R above the stop")
  func withoutLimit() throws {
    // Five million steps do not reach it; these are a hundred times what it takes with the limit.
    let outcome = try FourPoints.run("bogacki-shampine:stability-limit=off", gamma: 0.5)
    #expect(outcome.returnCode == .maxSteps)
  }
}
