import ODECore
import PluginKit
import ReferenceProblems

/// The systems that come with the program, and the observers that watch any problem.
public enum SystemsPlugin: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try registerSystems(in: &catalog)
    try registerReferenceProblems(in: &catalog)
    try catalog.observers.add(
      "extremes", summary: "the least and greatest value of each component over the steps"
    ) { _ in Extremes() }
    try catalog.observers.add(
      "steps", summary: "the shortest and longest step, and where the shortest was"
    ) { _ in StepSizes() }
    try catalog.observers.add(
      "invariants", summary: "the largest change of what the exact solution keeps, if the problem says what"
    ) { _ in InvariantDrift() }
  }

  private static func registerSystems(in catalog: inout PluginCatalog) throws {
    try catalog.systems.add(
      "lorenz", summary: "x' = sigma (y - x), y' = x (rho - z) - y, z' = x y - beta z: chaos",
      parameters: [
        .number("sigma", "the Prandtl number", default: 10, in: PluginParameter.positive),
        .number("rho", "the Rayleigh number over its critical value", default: 28),
        .number("beta", "a geometric factor", default: 8.0 / 3, in: PluginParameter.positive),
      ], citation: "Lorenz, J. Atmos. Sci. 20 (1963) 130-141"
    ) { try lorenz($0) }
    try catalog.systems.add(
      "robertson", summary: "a chemical reaction with rates from 0.04 to 3e7: stiff",
      citation: "Robertson (1966); Mazzia, Magherini, Test Set for IVP Solvers (2008), problem ROBER"
    ) { _ in
      try SystemModel(
        name: "robertson", Robertson(), initialState: [1, 0, 0], finalTime: 1e11,
        componentNames: ["y1", "y2", "y3"],
        invariants: .init(names: ["mass"]) { _, y in [y[0] + y[1] + y[2]] },
        known: ReferenceProblem.robertson.known)
    }
    try catalog.systems.add(
      "van-der-pol", summary: "u' = v, v' = mu (1 - u^2) v - u: stiff for large mu",
      parameters: [.number("mu", "the damping", default: 1000, in: 0...1e9)],
      citation: "van der Pol, Phil. Mag. 2 (1926) 978-992"
    ) { try vanDerPol($0) }
  }

  private static func lorenz(_ arguments: PluginArguments) throws -> SystemModel {
    let lorenz = Lorenz(
      sigma: arguments.number("sigma"), rho: arguments.number("rho"), beta: arguments.number("beta"))
    var model = try SystemModel(
      name: "lorenz:\(lorenz.sigma),\(lorenz.rho),\(lorenz.beta)", lorenz, initialState: [1, 1, 1],
      finalTime: 40, componentNames: ["x", "y", "z"],
      known: (lorenz.sigma, lorenz.rho, lorenz.beta) == (10, 28, 8.0 / 3)
        ? ReferenceProblem.lorenz.known : nil)
    model.parameters = arguments.systemParameters(Self.lorenz)
    return model
  }

  private static func vanDerPol(_ arguments: PluginArguments) throws -> SystemModel {
    let mu = arguments.number("mu")
    var model = try SystemModel(
      name: "van-der-pol:\(mu)", VanDerPol(mu: mu), initialState: [2, 0],
      finalTime: max(20, 2 * mu), componentNames: ["u", "v"])
    model.parameters = arguments.systemParameters(Self.vanDerPol)
    return model
  }
}
