// Dynamics of your own: put into a catalog, and trained with from a configuration, beside the gradient flow and descent.
import BuiltinPlugins
import Foundation
import PluginKit
import Studies

var catalog = try BuiltinPlugins.catalog()
try catalog.register(ClippedPlugin.self)

/// Time and distance at which the loss is a tenth of what it was.
func train(
  _ dynamics: String, _ catalog: PluginCatalog, _ integrator: String = "dormand-prince"
) throws -> (
  time: Double, distance: Double
) {
  var configuration = RunConfiguration()
  configuration.width = 100
  configuration.gamma = 0.5
  configuration.activation = "tanh"
  configuration.stopLoss = 3e-3
  configuration.rtol = 1e-6
  configuration.dynamics = dynamics
  configuration.integrator = integrator
  let summary = try Run(configuration, catalog, out: nil).run().summary
  print("\(dynamics), \(integrator): \(summary.message)")
  guard summary.returnCode == .stopped, summary.observers["energy"]?["monotone"] == .flag(true),
    case .number(let distance)? = summary.observers["relative-distance"]?["theta"]
  else { fail("training did not arrive, or the energy rose") }
  return (summary.time, distance)
}

// A factor on the speed changes when, but not where.
let flow = try train("gradient-flow", catalog)
let clipped = try ["clipped(speed: 0.1)", "clipped:10"].map { try train($0, catalog) }
guard clipped.allSatisfy({ abs($0.distance / flow.distance - 1) < 1e-4 }) else { fail("the paths differ") }
guard clipped[0].time > clipped[1].time, clipped[1].time > flow.time else {
  fail("clipping does not slow down")
}

// The same dynamics by iterations of gradient descent.
let descent = try train("clipped(speed: 0.1)", catalog, "gradient-descent(learning-rate: 0.01)")
guard abs(descent.distance / flow.distance - 1) < 1e-2 else { fail("descent takes another path") }

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}
