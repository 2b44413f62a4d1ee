import BuiltinPlugins
import Foundation
import Studies
import Testing

@Suite("A comparison") struct ComparisonTests {
  /// A smooth flow, on which errors follow the tolerance.
  private var configuration: RunConfiguration {
    var c = RunConfiguration()
    (c.data, c.activation, c.width, c.gamma, c.tEnd) = ("bench-points", "tanh", 50, 0.5, 20)
    return c
  }

  @Test("estimates the error of its reference, on the safe side and not by orders")
  func referenceError() throws {
    let outcome = try Comparison(
      configuration, integrators: ["dormand-prince", "rk4"], rtols: [1e-3, 1e-4]
    ).run(BuiltinPlugins.catalog())
    let estimate = try #require(outcome.referenceErrors[0])
    var tight = configuration
    (tight.integrator, tight.rtol, tight.atol) = ("dormand-prince", 1e-11, 1e-14)
    guard
      case .number(let exact)? = try Run(tight, BuiltinPlugins.catalog(), out: nil).run()
        .summary.observers["relative-distance"]?["w"]
    else { throw CocoaError(.keyValueValidation) }
    // `RD_w` with eight digits.
    let reference = try #require(Double(outcome.referenceHeadline.dropFirst("RD_w ".count)))
    let error = abs(reference - exact) / exact
    // Three times for errors in proportion to the tolerance, as they are here about.
    #expect(error <= estimate && estimate <= 20 * error, "\(error) was estimated as \(estimate)")
    for entry in outcome.entries {
      #expect(entry.isUnresolved[0] == (entry.errors[0]! <= 2 * estimate))
    }
    #expect(outcome.entries[0].isUnresolved[0] == false)
  }

  @Test("marks a method that is better than its reference")
  func unresolved() throws {
    // The reference is a method of order 3 at 1e-2; tolerances beside it count for the others too, and the fixed
    // steps of order 4 near the stability limit are far more accurate.
    let outcome = try Comparison(
      configuration, integrators: ["bogacki-shampine", "rk4"], rtols: [0.1]
    ).run(BuiltinPlugins.catalog())
    #expect(outcome.entries.map(\.isUnresolved[0]) == [false, true], "\(outcome)")
  }

  @Test("against a given state knows nothing of that state's error")
  func givenState() throws {
    try withTemporaryFolder { folder in
      let run = try Run(configuration, BuiltinPlugins.catalog(), out: folder + "/r").run()
      let outcome = try Comparison(
        configuration, integrators: ["dormand-prince"], rtols: [1e-3],
        reference: run.folder!.path + "/neurons-final.npy"
      ).run(BuiltinPlugins.catalog())
      #expect(outcome.referenceErrors == [nil, nil] && outcome.entries[0].isUnresolved == [false, false])
    }
  }
}

@Suite("Runs side by side") struct RunOverviewTests {
  @Test(
    "are named by what differs between them",
    arguments: [
      (["seed: 1", "seed: 2"], ["seed 1", "seed 2"]),
      (["gamma: 1.0", "gamma: 1.5"], ["γ = 1", "γ = 1.5"]),
      (
        ["{integrator: rk4, width: 20}", "{integrator: euler, width: 10}"], ["m = 20, rk4", "m = 10, euler"]
      ),
      (["rtol: 1e-3", "rtol: 1e-5"], ["rtol 0.001", "rtol 1e−05"]),
      // What is recorded is no difference.
      (["record: steps", "record: endpoints"], ["r0", "r1"]),
    ])
  func labels(yaml: [String], expected: [String]) throws {
    try withTemporaryFolder { folder in
      let catalog = try BuiltinPlugins.catalog()
      let folders = try yaml.enumerated().map { i, text in
        var c = try RunConfiguration(yaml: text)
        c.tEnd = 1
        if !text.contains("width") { c.width = 10 }
        c.observe = []
        return try Run(c, catalog, out: folder + "/r\(i)").run().folder!
      }
      let table = try RunOverview(folders: folders, catalog).table.split(separator: "\n").dropFirst()
      #expect(zip(table, expected).allSatisfy { $0.hasPrefix($1 + "  ") }, "\(table)")
    }
  }

  @Test("given twice are numbered")
  func twice() throws {
    try withTemporaryFolder { folder in
      let catalog = try BuiltinPlugins.catalog()
      var c = RunConfiguration()
      (c.width, c.tEnd, c.observe) = (10, 1, [])
      let run = try Run(c, catalog, out: folder + "/r").run().folder!
      let table = try RunOverview(folders: [run, run], catalog).table.split(separator: "\n")
      #expect(table[1].hasPrefix("r (1)  ") && table[2].hasPrefix("r (2)  "))
    }
  }
}
