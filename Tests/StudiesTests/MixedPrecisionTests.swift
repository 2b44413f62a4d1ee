import BuiltinPlugins
import Foundation
import Studies
import Testing

@Suite("Products in single precision") struct MixedPrecisionTests {
  /// 40 inputs in 30 dimensions: products are matrix-matrix products, and kernels are made of one tile.
  private func configuration(_ folder: String) throws -> RunConfiguration {
    let file = folder + "/data.csv"
    let rows = (0..<40).map { i in
      let x = (0..<29).map { j in sin(Double((i + 1) * (j + 2)) * 1.7) / 3 }
      return (x + [sin(Double(i))]).map { "\($0)" }.joined(separator: ",")
    }
    let header = ((1...29).map { "x\($0)" } + ["y"]).joined(separator: ",")
    try ([header] + rows).joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
    var c = RunConfiguration()
    (c.data, c.width, c.observe, c.record) = (file, 300, ["relative-distance"], "endpoints")
    return c
  }

  private func distance(_ c: RunConfiguration) throws -> Double {
    let outcome = try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    #expect(outcome.summary.returnCode.isSuccess)
    return try #require(outcome.summary.observers["relative-distance"]?["w"]?.number)
  }

  // Products of 30 terms are rounded to about 2e-7. A fixed step keeps the two runs comparable to rounding.
  @Test("change a run by no more than their rounding, and change it", arguments: ["relu", "tanh"])
  func fixedSteps(activation: String) throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.step, c.tEnd, c.activation) = ("rk4", .value(0.25), 10, activation)
      let exact = try distance(c)
      c.mixedPrecision = true
      let mixed = try distance(c)
      #expect(mixed != exact && abs(mixed - exact) < 1e-5 * exact)
    }
  }

  @Test("serve the exponential integrator, to a tenth of its tolerance", arguments: [0.5, 1.5])
  func exponential(gamma: Double) throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.integrator, c.rtol, c.gamma) = ("exponential", 1e-3, gamma)
      let exact = try distance(c)
      c.mixedPrecision = true
      #expect(abs(try distance(c) - exact) < 1e-4 * exact)
    }
  }

  @Test("are said in the summary")
  func summary() throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.tEnd, c.mixedPrecision) = (1, true)
      let facts = try Run(c, BuiltinPlugins.catalog(), out: nil).run().summary.network!
      #expect(facts.mixedPrecision)
      #expect(facts.problemLines.contains { $0.text.contains("single precision") })
    }
  }

  @Test("are refused where they would not keep the tolerance, and for several hidden layers")
  func refusals() throws {
    try withTemporaryFolder { folder in
      var c = try configuration(folder)
      (c.mixedPrecision, c.rtol) = (true, 1e-6)
      #expect(throws: UsageError.self) { try distance(c) }
      (c.rtol, c.hidden) = (1e-4, [10, 10])
      #expect(throws: UsageError.self) { try distance(c) }
    }
  }
}
