// Every built-in integrator on two classical problems: Lorenz' attractor, where an explicit method is at home, and
// Robertson's reaction, where only an implicit one arrives. Errors are taken against values from elsewhere.
import BuiltinPlugins
import Foundation
import ODECore
import PluginKit

/// A system of the catalog, an end, and the solution there.
struct Reference {
  let system: String
  let end: Double
  let solution: [Double]
  let source: String
}

let references = [
  Reference(
    system: "lorenz", end: 10,
    solution: [-4.9026875411346457319, -3.7438729218029196163, 24.690858102790555453],
    source: "Taylor series of order 40 with 40 digits, steps 1/50 and 1/40"),
  Reference(
    system: "robertson", end: 1e11,
    solution: [0.2083340149701255e-7, 0.8333360770334713e-13, 0.9999999791665050],
    source: "Mazzia and Magherini, Test Set for IVP Solvers (2008)"),
]

let catalog = try BuiltinPlugins.catalog()
var arrived: [String: [String: Double]] = [:]
for reference in references {
  print("\(reference.system) at t = \(reference.end); \(reference.source)")
  let model = try catalog.systems.make(reference.system)
  let problem = try ODEProblem(model.system, to: reference.end, initialState: model.initialState)
  for entry in catalog.integrators.entries where entry.name != "kink-aware" {
    var settings = IntegratorSettings(rtol: 1e-9, atol: 1e-17)
    if ["euler", "rk4"].contains(entry.name) { settings.fixedStep = 1e-4 }
    var options = IntegrationOptions()
    options.maxSteps = 200_000
    let solution = try integrate(
      problem, with: catalog.integrators.make(entry.name)(settings), options: options)
    let error = zip(solution.state, reference.solution).map { abs($0 / $1 - 1) }.max()!
    let name = entry.name.padding(toLength: 18, withPad: " ", startingAt: 0)
    guard solution.returnCode == .success else {
      print("  \(name)\(solution.returnCode.rawValue) at t = \(solution.time)")
      continue
    }
    arrived[reference.system, default: [:]][entry.name] = error
    print("  \(name)" + String(format: "error %.1e, nfev %d", error, solution.statistics.nfev))
  }
}

// Lorenz: errors grow by about exp(0.9 t), 1e4 by t = 10. Robertson: an explicit method's steps stay below about
// 1e-4, so that only the implicit one can arrive.
let lorenz = arrived["lorenz"] ?? [:]
let robertson = arrived["robertson"] ?? [:]
guard (lorenz["dormand-prince"] ?? 1) < 1e-4, (lorenz["cvode-adams"] ?? 1) < 1e-3,
  (lorenz["cvode-bdf"] ?? 1) < 1e-2, (lorenz["rk4"] ?? 1) < 1e-6, (robertson["cvode-bdf"] ?? 1) < 1e-5,
  robertson["dormand-prince"] == nil, robertson["euler"] == nil
else {
  print("the example no longer holds")
  exit(1)
}
