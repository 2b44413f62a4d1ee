import Networks
import PluginKit

/// The dynamics that come with the program.
public enum DynamicsPlugin: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.dynamics.add("gradient-flow", summary: "theta' = F, F = -M grad R") { _ in PlainFlow() }
    try catalog.dynamics.add(
      "weight-decay", summary: "theta' = F - rate theta, the gradient flow of R + rate/2 |theta|^2",
      parameters: [.number("rate", "of the decay", default: 0.01, in: 0...1e6)],
      citation: "Krogh, Hertz, NIPS 4 (1991) 950-957"
    ) { WeightDecay(rate: $0.number("rate")) }
    try catalog.dynamics.add(
      "heavy-ball", summary: "epsilon theta'' + theta' = F, gradient descent with momentum in the limit",
      parameters: [.number("epsilon", "the mass", default: 1, in: PluginParameter.positive)],
      citation: "Polyak, USSR Comput. Math. Math. Phys. 4(5) (1964) 1-17, doi:10.1016/0041-5553(64)90137-5"
    ) { HeavyBall(epsilon: $0.number("epsilon")) }
    try catalog.dynamics.add(
      "nesterov", summary: "theta'' + (damping/t) theta' = F, Nesterov's accelerated descent in the limit",
      parameters: [.number("damping", "3 is Nesterov's", default: 3, in: 1e-3...1e3)],
      citation: "Su, Boyd, Candes, J. Mach. Learn. Res. 17(153) (2016) 1-43"
    ) { Nesterov(damping: $0.number("damping")) }
  }
}
