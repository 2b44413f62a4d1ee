import GradientFlow
import PluginKit

/// The activations that come with the program.
public enum ActivationsPlugin: Plugin {
  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.activations.add("relu", summary: "max(z, 0)") { _ in ReLU() }
    try catalog.activations.add(
      "leaky-relu", summary: "z for z > 0, slope z otherwise", usage: "[:slope=0.01]"
    ) { try LeakyReLU(slope: $0.number("slope", position: 0, default: 0.01)) }
    try catalog.activations.add("hard-tanh", summary: "z between -1 and 1, constant beyond") { _ in HardTanh()
    }
    try catalog.activations.add("tanh", summary: "hyperbolic tangent") { _ in Tanh() }
    try catalog.activations.add("softplus", summary: "log(1 + exp z)") { _ in Softplus() }
    try catalog.activations.add("sigmoid", summary: "1 / (1 + exp(-z))") { _ in Sigmoid() }
    try catalog.activations.add("sin", summary: "sine") { _ in Sine() }
    try catalog.activations.add("identity", summary: "z (a linear network)") { _ in Identity() }
    try catalog.activations.add(
      "monomial", summary: "z^p for a whole number p from 1 to 64", usage: ":p"
    ) { arguments in
      guard let power = try arguments.integer("p", position: 0, in: 1...64) else {
        throw PluginError.badArgument(
          plugin: "monomial", argument: "", expected: "a power, as in 'monomial:2'")
      }
      return Monomial(power: power)
    }
  }
}
