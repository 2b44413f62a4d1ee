import Foundation
import Networks
import LossesPlugins
import ODETestKit
import PluginKit
import Testing

@Suite struct LossConformanceTests {
  static let specifications = [
    "mse", "huber", "huber:0.25", "huber:delta=3", "logistic", "exponential-margin",
  ]

  static func catalog() throws -> PluginCatalog {
    var catalog = PluginCatalog()
    try catalog.register(LossesPlugin.self)
    return catalog
  }

  @Test(
    "Every built-in loss passes the conformance suite and can be made again by its name",
    arguments: specifications)
  func conforms(specification: String) throws {
    let catalog = try Self.catalog()
    let loss = try catalog.losses.make(specification)
    #expect(LossConformance.violations(of: loss, targets: [-1, 1]) == [])
    #expect(LossConformance.violations(of: loss, targets: [1], domain: -40...30) == [])
    #expect(try catalog.losses.make(loss.name).name == loss.name)
  }

  @Test("Every entry of the table is tested here")
  func complete() throws {
    let tested = Set(Self.specifications.map { String($0.prefix { $0 != ":" }) })
    // A loss of classes couples outputs: CrossEntropyTests.
    #expect(Set(try Self.catalog().losses.entries.map(\.name)) == tested.union(["cross-entropy"]))
  }

  @Test(
    "Arguments that make no sense are rejected",
    arguments: ["mse:2", "huber:0", "huber:-1", "huber:nan", "logistic:1"])
  func badArguments(specification: String) throws {
    #expect(throws: PluginError.self) { try Self.catalog().losses.make(specification) }
  }

  private struct Custom: Loss {
    var name = "custom"
    var isSquared = false
    var factor = 1.0
    var second = 1.0
    var rejects = false
    var leak = 0.0

    func validate(targets: [Double]) throws {
      if rejects { throw LossTargetError(loss: name, index: 0, target: targets[0], expected: "7") }
    }
    func evaluate(
      _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
      derivative: inout MutableSpan<Double>
    ) {
      for i in f.indices {
        let e = f[i] - y[i]
        value[i] = 0.5 * e * e + (leak == 0 ? 0 : leak * f[0])
        derivative[i] = factor * e
      }
    }
    func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>) {
      for i in f.indices { result[i] = second }
    }
  }

  private static let broken: [(String, Custom)] = [
    ("the name is empty", Custom(name: "")),
    ("the derivative by f", Custom(factor: 1 + 1e-8)),
    ("the derivative by f", Custom(factor: -1)),
    ("second derivative by f", Custom(second: 2)),
    ("are rejected", Custom(rejects: true)),
    ("isSquared is claimed", Custom(isSquared: true, factor: 1 + 1e-12)),
    ("other elements", Custom(leak: 1e-13)),
  ]

  @Test("Each broken requirement is reported, and the intact original is not")
  func reported() {
    #expect(LossConformance.violations(of: Custom(isSquared: true)) == [])
    for (word, loss) in Self.broken {
      let violations = LossConformance.violations(of: loss)
      #expect(violations.contains { $0.contains(word) }, "\(word): \(violations)")
    }
  }
}
