// An observer of your own beside the built-in ones, in a run described by a configuration.
import BuiltinPlugins
import Foundation
import Studies

var catalog = try BuiltinPlugins.catalog()
try catalog.register(ActiveNeuronsPlugin.self)

var configuration = RunConfiguration()
configuration.width = 200
configuration.gamma = 1.75
configuration.stopLoss = 1e-4
configuration.observe = ["relative-distance", "active-neurons"]

let outcome = try Run(configuration, catalog, out: nil).run()
print(outcome.summary.message)
print("observed:", outcome.summary.observers["active-neurons"] ?? [:])

// Inputs span the plane, so a neuron is inactive on all samples with some probability, and there are
// neurons of both kinds.
guard let active = outcome.summary.observers["active-neurons"]?["final"]?.number,
  outcome.summary.returnCode == .stopped, active > 0, active < 200
else { fail("the example no longer holds") }

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}
