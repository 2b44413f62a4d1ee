// A program of its own that trains with PhaseFlow: data from its memory, training in the background, progress as it
// comes, and a network at the end that it calls. Build and run: `make examples` in the repository's root.
import BuiltinPlugins
import Foundation
import GradientFlow
import ODECore
import Studies

/// Measurements of a pendulum's swing, as this program might hold them.
let times = (0..<12).map { Double($0) / 11 }
let measured = times.map { 0.5 * cos(4 * $0) }

func train(cancellation: Cancellation) throws -> Run.Outcome {
  var catalog = try BuiltinPlugins.catalog()
  try catalog.datasets.add("pendulum", summary: "from memory") { _ in
    try Dataset(name: "pendulum", features: times.map { [$0] }, targets: measured)
  }
  var configuration = RunConfiguration()
  configuration.data = "pendulum"
  configuration.activation = "tanh"
  configuration.width = 200
  configuration.stopLoss = 1e-4

  var hooks = RunHooks()
  hooks.cancellation = cancellation
  hooks.progressInterval = .milliseconds(50)
  hooks.progress = { print(String(format: "%3.0f %% after %d steps", 100 * $0.fraction, $0.steps)) }
  return try Run(configuration, catalog, out: nil).run(hooks)
}

/// `f(x)` of the trained network at inputs it has not seen.
func predict(_ outcome: Run.Outcome, at inputs: [Double]) throws -> [Double] {
  let network = outcome.experiment.network!.flow.network
  return try network.outputs(outcome.state.span, at: Inputs(features: inputs.map { [$0] }))
}

let between = zip(times, times.dropFirst()).map { ($0 + $1) / 2 }
let cancellation = Cancellation()  // cancel() ends the run in order, from any thread
let (summary, predictions) = try await Task.detached {
  let outcome = try train(cancellation: cancellation)
  return (outcome.summary, try predict(outcome, at: between))
}.value
print(summary.message)

let largest = zip(predictions, between).map { abs($0 - 0.5 * cos(4 * $1)) }.max()!
print("largest error between the measurements: \(largest)")

// R = 1e-4 is a root mean square error of sqrt(2e-4) = 0.014 at the measurements, and the function is smooth.
guard summary.returnCode == .stopped, largest < 0.05 else {
  print("the example no longer holds")
  exit(1)
}
