import Foundation
import ODECore
import Testing

@Suite("rkc on smooth flows")
struct RKCFlowTests {
  // The reference is dormand-prince at rtol 1e-9, an error of 1e-9 or so on a smooth flow.
  @Test("a tanh flow: rkc converges to dormand-prince's result with the tolerance", arguments: [0.5, 1])
  func tanhFlow(gamma: Double) throws {
    let reference = try FourPoints.run("dormand-prince", gamma: gamma, activation: "tanh", rtol: 1e-9)
    #expect(reference.returnCode == .stopped)
    var last = Double.infinity
    // Errors in the time of the stop: local errors of 1e-4 of the weights weigh much in residuals of 1e-4.
    for (rtol, bound) in [(1e-4, 5e-2), (1e-6, 2e-3), (1e-8, 1e-4)] {
      for source in ["", ":rho=power"] {
        let outcome = try FourPoints.run("rkc" + source, gamma: gamma, activation: "tanh", rtol: rtol)
        #expect(outcome.returnCode == .stopped)
        #expect(outcome.rise == 0)
        let error = abs(outcome.time / reference.time - 1)
        #expect(error < bound, "rtol \(rtol): \(error)")
        #expect(abs(outcome.distance / reference.distance - 1) < bound / 10)
        if source.isEmpty {
          #expect(error < last)
          last = error
        }
      }
    }
  }

  @Test("a stiff tanh flow takes less than a fifth of dormand-prince's evaluations")
  func cost() throws {
    let rkc = try FourPoints.run("rkc", gamma: 0.5, activation: "tanh")
    let explicit = try FourPoints.run("dormand-prince", gamma: 0.5, activation: "tanh")
    #expect(rkc.statistics.nfev * 5 < explicit.statistics.nfev)
  }
}
