import ActivationsPlugins
import Foundation
import Networks
import ODETestKit
import PluginKit
import Testing

@Suite struct ConformanceTests {
  static let specifications = [
    "relu", "leaky-relu", "leaky-relu:0.3", "leaky-relu:slope=-1", "leaky-relu:1", "hard-tanh", "tanh",
    "softplus",
    "softplus(beta: 20)", "softplus:0.3", "sigmoid", "sin", "identity", "monomial:1", "monomial:2",
    "monomial:p=3", "monomial:7", "power-tanh:1", "power-tanh:2", "power-tanh:5",
  ]

  static func catalog() throws -> PluginCatalog {
    var catalog = PluginCatalog()
    try catalog.register(ActivationsPlugin.self)
    return catalog
  }

  @Test("Every built-in activation passes the conformance suite", arguments: specifications)
  func conforms(specification: String) throws {
    let activation = try Self.catalog().activations.make(specification)
    #expect(ActivationConformance.violations(of: activation) == [])
    #expect(ActivationConformance.violations(of: activation, domain: -0.01...0.02) == [])
  }

  @Test("An activation's name makes the same activation again", arguments: specifications)
  func nameRoundTrip(specification: String) throws {
    let catalog = try Self.catalog()
    let name = try catalog.activations.make(specification).name
    #expect(try catalog.activations.make(name).name == name)
  }

  @Test("Every entry of the table is tested here")
  func complete() throws {
    let tested = Set(Self.specifications.map { String($0.prefix { $0 != ":" && $0 != "(" }) })
    #expect(Set(try Self.catalog().activations.entries.map(\.name)) == tested)
  }

  @Test(
    "Arguments that make no sense are rejected",
    arguments: [
      "relu:1", "leaky-relu:x", "leaky-relu:inf", "leaky-relu:0.1,0.2", "monomial", "monomial:0",
      "monomial:1.5", "power-tanh:0", "tanh:2", "softplus:0",
      "softplus(beta: 2",
    ])
  func badArguments(specification: String) throws {
    #expect(throws: PluginError.self) { try Self.catalog().activations.make(specification) }
  }

  @Test("Softplus with beta is softplus of beta z over beta, and tends to relu")
  func softplusBeta() throws {
    let z = (-3000...3000).map { Double($0) / 1000 }
    func values(_ activation: any Activation) -> (value: [Double], first: [Double]) {
      var (value, first) = (z, z)
      var v = value.mutableSpan
      var d = first.mutableSpan
      activation.evaluate(z.span, value: &v, derivative: &d)
      return (value, first)
    }
    let steep = values(Softplus(beta: 16))
    for (i, z) in z.enumerated() {
      // The formula itself, which does not overflow here.
      #expect(abs(steep.value[i] - log1p(exp(16 * z)) / 16) <= 1e-14 * (1 + abs(z)))
      #expect(abs(steep.first[i] - 1 / (1 + exp(-16 * z))) <= 1e-14)
      // log(2)/beta is the largest distance from relu, at 0.
      #expect(abs(steep.value[i] - max(z, 0)) <= log(2) / 16 + 1e-15)
    }
  }
}
