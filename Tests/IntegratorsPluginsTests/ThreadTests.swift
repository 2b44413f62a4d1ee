import BuiltinPlugins
import Foundation
import ODECore
import PluginKit
import Studies
import Testing

/// Wide enough that every pass over the state goes in several chunks, so that the two runs differ in who
/// computes what.
@Suite("One and two threads give the same bits")
struct ThreadTests {
  /// But for those that refuse so large a system, or one that is not partitioned or split.
  private static let names = try! BuiltinPlugins.catalog().integrators.entries.map(\.name)
    .filter { !["radau", "rodas", "verlet", "arkode-dirk", "arkode-imex"].contains($0) }

  @Test("in a flow, for every integrator of the catalogue", arguments: names)
  func flow(_ integrator: String) throws {
    for activation in ["relu", "tanh"] where integrator != "kink-aware" || activation == "relu" {
      let runs = try [1, 2].map { threads in
        var c = RunConfiguration()
        (c.width, c.gamma, c.activation, c.integrator, c.threads) = (
          20_011, 0.5, activation, integrator, threads
        )
        // Some ten steps of an explicit method.
        (c.tEnd, c.maxSteps, c.observe) = (20, 12, [])
        return try Run(c, BuiltinPlugins.catalog(), out: nil).run()
      }
      #expect(runs[0].state == runs[1].state)
      #expect(runs[0].summary.time == runs[1].summary.time)
      #expect(runs[0].summary.statistics.nfev == runs[1].summary.statistics.nfev)
      #expect(runs[0].summary.statistics.accepted > 1)
      #expect(runs[0].state != runs[0].experiment.problem.initialState)
    }
  }

  @Test("in an ODE of one's own, for every method that takes any", arguments: names)
  func ownSystem(_ integrator: String) throws {
    guard integrator != "kink-aware", integrator != "gradient-descent" else { return }
    let count = 40_003
    // Diffusion with a source; the coupling carries a wrong bit anywhere to everywhere.
    let system = ClosureSystem(dimension: count) { t, y, dy in
      for i in 0..<count {
        let (left, right) = (i > 0 ? y[i - 1] : 0, i + 1 < count ? y[i + 1] : 0)
        dy[i] = left - 2 * y[i] + right + sin(t + Double(i))
      }
    }
    let problem = try ODEProblem(
      system, to: 2, initialState: (0..<count).map { sin(1.7 * Double($0)) })
    let solutions = try [1, 2].map { threads in
      var settings = IntegratorSettings(rtol: 1e-4, atol: 1e-6, fixedStep: 0.1)
      settings.threads = threads
      let method = try BuiltinPlugins.catalog().integrators.make(integrator)(settings)
      return try integrate(problem, with: method, saving: .linear(spacing: 0.7))
    }
    #expect(solutions[0].returnCode == .success)
    #expect(solutions[0].state == solutions[1].state)
    #expect(solutions[0].savedStates == solutions[1].savedStates)
    #expect(solutions[0].statistics.nfev == solutions[1].statistics.nfev)
  }
}
