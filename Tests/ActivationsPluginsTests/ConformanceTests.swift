import ActivationsPlugins
import GradientFlow
import ODETestKit
import PluginKit
import Testing

@Suite struct ConformanceTests {
  static let specifications = [
    "relu", "leaky-relu", "leaky-relu:0.3", "leaky-relu:slope=-1", "leaky-relu:1", "hard-tanh", "tanh", "softplus",
    "sigmoid", "sin", "identity", "monomial:1", "monomial:2", "monomial:p=3", "monomial:7",
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
    let tested = Set(Self.specifications.map { String($0.prefix { $0 != ":" }) })
    #expect(Set(try Self.catalog().activations.entries.map(\.name)) == tested)
  }

  @Test(
    "Arguments that make no sense are rejected",
    arguments: [
      "relu:1", "leaky-relu:x", "leaky-relu:inf", "leaky-relu:0.1,0.2", "monomial", "monomial:0",
      "monomial:1.5", "tanh:2",
    ])
  func badArguments(specification: String) throws {
    #expect(throws: PluginError.self) { try Self.catalog().activations.make(specification) }
  }
}
