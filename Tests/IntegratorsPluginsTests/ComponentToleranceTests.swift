import BuiltinPlugins
import ODECore
import PluginKit
import Studies
import Testing

@Suite("Tolerances by component") struct ComponentToleranceTests {
  private static let names = try! BuiltinPlugins.catalog().integrators.entries.map(\.name).filter {
    try BuiltinPlugins.catalog().integrators.make($0)(IntegratorSettings(rtol: 1e-6, atol: 1e-9)).isAdaptive
      // These take flows, and systems that split themselves.
      && !["kink-aware", "arkode-imex"].contains($0)
  }

  @Test("count, for every method that chooses its steps", arguments: names)
  func count(_ integrator: String) throws {
    let accepted = try [1e-2, 1e-10].map { atol in
      var c = RunConfiguration(system: "lorenz")
      (c.integrator, c.rtol, c.tEnd, c.componentAtol) = (integrator, 1e-7, 1, [atol, atol, atol])
      let summary = try Run(c, BuiltinPlugins.catalog(), out: nil).run().summary
      #expect(summary.returnCode == .success)
      return summary.statistics.accepted
    }
    #expect(accepted[1] > accepted[0])
  }

  @Test("are refused where there are not as many as components")
  func wrongCount() throws {
    var c = RunConfiguration(system: "lorenz")
    c.componentAtol = [1e-9, 1e-9]
    let error = #expect(throws: UsageError.self) { try Run(c, BuiltinPlugins.catalog(), out: nil) }
    #expect(error?.description == "component-atol has 2 numbers; the system has 3 components")
  }
}
