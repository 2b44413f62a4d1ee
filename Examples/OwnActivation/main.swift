// An activation of your own: checked by the test kit, put into a catalog, and trained with from a configuration.
import BuiltinPlugins
import Foundation
import ODETestKit
import PluginKit
import Studies

// The kit compares sigma' and sigma'' with finite differences, among other things.
let violations = ActivationConformance.violations(of: GELU(steepness: 2))
guard violations.isEmpty else { fail("gelu is no sound activation: \(violations.joined(separator: "; "))") }

var catalog = try BuiltinPlugins.catalog()
try catalog.register(GELUPlugin.self)

/// The time that training takes with `activation`.
func trainingTime(_ activation: String, _ catalog: PluginCatalog) throws -> Double {
  var configuration = RunConfiguration()
  configuration.data = "bench-points"
  configuration.width = 200
  configuration.stopLoss = 1e-4
  configuration.activation = activation
  let summary = try Run(configuration, catalog, out: nil).run().summary
  print("\(activation): \(summary.message)")
  guard summary.returnCode == .stopped, let loss = summary.network?.loss, loss <= 1.001e-4 else { fail("training did not arrive") }
  return summary.time
}

// The steeper, the nearer to ReLU: so the two take nearly the same time.
let relu = try trainingTime("relu", catalog)
let smooth = try ["gelu(steepness: 4)", "gelu:400"].map { try trainingTime($0, catalog) }
let differences = smooth.map { abs($0 / relu - 1) }
print("training times differ from relu's by \(differences)")
guard differences[1] < 0.02, differences[1] < differences[0] else { fail("gelu does not tend to relu") }

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}
