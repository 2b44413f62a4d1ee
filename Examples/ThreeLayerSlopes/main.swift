// How far each layer of a three-layer network moves, over the width: linear, critical and condensed, measured beside what balance
// arguments expect. Widths may be given: `example-three-layer-slopes 100 1000 2000 5000 10000` needs some minutes and 6 GB.
import BuiltinPlugins
import DeepNetworks
import Foundation
import PluginKit
import StatisticalInference
import Studies

let catalog = try BuiltinPlugins.catalog()
let given = CommandLine.arguments.dropFirst().map { Int($0) }
guard given.allSatisfy({ $0 != nil && $0! > 1 }), given.isEmpty || given.count > 1 else {
  fail("give two widths or more")
}
let widths = given.isEmpty ? [100, 200, 400] : given.map { $0! }

/// RD of every layer at the end of training on the four points.
func distances(_ m: Int, _ gamma: Double, _ seed: UInt64, _ catalog: PluginCatalog) throws -> [Double] {
  var configuration = RunConfiguration()
  configuration.hidden = [m, m]
  configuration.gamma = gamma
  configuration.centred = true
  configuration.seed = seed
  configuration.rtol = 1e-3
  configuration.record = "endpoints"
  configuration.observe = ["relative-distance"]
  let summary = try Run(configuration, catalog, out: nil).run().summary
  guard summary.returnCode == .stopped,
    let layers = summary.observers["relative-distance"]?["layers"]?.numbers
  else {
    fail("m = \(m), gamma = \(gamma): \(summary.message)")
  }
  return layers
}

print("gamma  layer  " + widths.map { "RD at m = \($0)" }.joined(separator: "  ") + "  slope  expected")
var worst = 0.0
for gamma in [0.9, 1.5, 2.1] {
  // Means of logarithms over three starts: single ones scatter by a tenth at small widths.
  let logs = try widths.map { m in
    try (1...3).map { try distances(m, gamma, $0, catalog).map(log) }.reduce([0, 0, 0]) {
      zip($0, $1).map { $0 + $1 / 3 }
    }
  }
  let expected = LayerExponents(gamma: gamma, mobilityExponents: [0, 0, 0])?.slopes ?? [0, -0.5, 0]
  for layer in 0..<3 {
    let values = logs.map { exp($0[layer]) }
    let slope = try PowerLawFit(x: widths.map(Double.init), y: values).exponent
    print(
      String(format: "%5.1f  %5d  ", gamma, layer + 1)
        + values.map { String(format: "%15.5g", $0) }.joined(separator: "  ")
        + String(format: "  %6.3f  %6.3f", slope, expected[layer]))
    worst = max(worst, abs(slope - expected[layer]))
  }
}
// At these widths the asymptotic slopes are reached to about a tenth.
guard worst < 0.2 else { fail("a slope is off by \(worst)") }

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}
