import Networks
import PluginKit

/// The activations that come with the program.
public enum ActivationsPlugin: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.activations.add("relu", summary: "max(z, 0)") { _ in ReLU() }
    try catalog.activations.add(
      "leaky-relu", summary: "z for z > 0, slope z otherwise",
      parameters: [.number("slope", "the slope for z < 0", default: 0.01)],
      citation: "Maas, Hannun, Ng, ICML Workshop on Deep Learning (2013)"
    ) { LeakyReLU(slope: $0.number("slope")) }
    try catalog.activations.add("hard-tanh", summary: "z between -1 and 1, constant beyond") { _ in HardTanh()
    }
    try catalog.activations.add("tanh", summary: "hyperbolic tangent") { _ in Tanh() }
    try catalog.activations.add(
      "power-tanh", summary: "z^k tanh(z) for a whole number k",
      parameters: [.integer("k", "the power", in: 1...64, required: true)],
      citation: "Zhou, Zhou, Luo, Zhang, Xu, NeurIPS 35 (2022), arXiv:2105.11686"
    ) { PowerTanh(power: $0.integer("k")) }
    try catalog.activations.add(
      "softplus", summary: "log(1 + exp(beta z)) / beta, a smooth relu",
      parameters: [.number("beta", "its steepness: relu for beta to infinity", default: 1, in: 1e-6...1e6)],
      citation: "Dugas, Bengio, Belisle, Nadeau, Garcia, NIPS 13 (2001)"
    ) { Softplus(beta: $0.number("beta")) }
    try catalog.activations.add("sigmoid", summary: "1 / (1 + exp(-z))") { _ in Sigmoid() }
    try catalog.activations.add("sin", summary: "sine") { _ in Sine() }
    try catalog.activations.add("identity", summary: "z (a linear network)") { _ in Identity() }
    try catalog.activations.add(
      "monomial", summary: "z^p for a whole number p",
      parameters: [.integer("p", "the power", in: 1...64, required: true)]
    ) { Monomial(power: $0.integer("p")) }
  }
}
