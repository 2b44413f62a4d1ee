import BuiltinPlugins
import Foundation
import ODECore
import ReferenceProblems
import Studies
import Testing

@Suite("The built-in test problems") struct ReferenceSystemTests {
  private func summary(_ configuration: RunConfiguration) throws -> RunSummary {
    var configuration = configuration
    (configuration.record, configuration.observe) = ("endpoints", [])
    return try Run(configuration, BuiltinPlugins.catalog(), out: nil).run().summary
  }

  @Test("are all systems that can be run by name, from the same start")
  func catalogue() throws {
    let catalog = try BuiltinPlugins.catalog()
    for reference in ReferenceProblem.testSet {
      let model = try catalog.systems.make(reference.name)
      #expect(model.initialState == reference.problem.initialState, "\(reference.name)")
      #expect(model.initialTime == reference.problem.initialTime)
      let known = try #require(model.known, "\(reference.name)")
      #expect(known.values == reference.solution && known.time == reference.problem.finalTime)
    }
  }

  @Test("say their error at the known end, and at no other")
  func error() throws {
    var c = RunConfiguration(system: "hires")
    (c.integrator, c.rtol, c.atol) = ("radau", 1e-6, 1e-9)
    let error = try #require(try summary(c).system?.referenceError)
    #expect(error > 0 && error < 1e-5)
    c.tEnd = 100
    #expect(try summary(c).system?.referenceError == nil)
  }

  /// Against the errors that are known. Where the error falls with the tolerance the estimate is right within a factor of two.
  @Test(
    "the global error is estimated within a factor of two",
    arguments: ["hires", "orego", "three-body", "pleiades"])
  func globalError(name: String) throws {
    let reference = try #require(ReferenceProblem.named(name))
    var c = RunConfiguration(system: name)
    (c.integrator, c.rtol, c.atol) = (reference.isStiff ? "cvode-bdf" : "dormand-prince", 1e-6, 1e-9)
    c.globalError = true
    let summary = try summary(c)
    let state = try #require(summary.system?.state)
    let estimates = try #require(summary.globalError?.components)
    let errors = zip(state, reference.solution).map { abs($0! - $1) }
    let worst = try #require(errors.indices.max { errors[$0] < errors[$1] })
    let ratio = estimates[worst]! / errors[worst]
    #expect(ratio > 0.5 && ratio < 2, "\(name): \(ratio)")
  }
}

@Suite("Sensitivities of a run") struct SensitivityRunTests {
  /// Van der Pol with a small damping, by differences of whole runs at 1e-11.
  @Test(
    "are columns that agree with differences",
    arguments: ["cvode-bdf", "cvode-adams", "dormand-prince", "auto"])
  func columns(integrator: String) throws {
    func run(_ system: String, sensitivity: [String], rtol: Double = 1e-9) throws -> Run.Outcome {
      var c = RunConfiguration(system: system)
      (c.integrator, c.rtol, c.atol, c.tEnd) = (integrator, rtol, rtol * 1e-3, 5)
      (c.record, c.observe, c.sensitivity) = ("linear:1", [], sensitivity)
      return try Run(c, BuiltinPlugins.catalog(), out: nil).run()
    }
    let outcome = try run("van-der-pol:2", sensitivity: ["mu", "v"])
    let record = outcome.record
    #expect(record.columns == ["time", "u", "v", "du/dmu", "dv/dmu", "du/dv(0)", "dv/dv(0)"])
    let state = try #require(outcome.summary.system?.state).map { $0! }
    let (above, below) = (
      try run("van-der-pol:2.001", sensitivity: [], rtol: 1e-11),
      try run("van-der-pol:1.999", sensitivity: [], rtol: 1e-11)
    )
    for i in 0..<2 {
      let difference = (above.summary.system!.state![i]! - below.summary.system!.state![i]!) / 0.002
      // The difference's own error: its third derivative times 1e-6/6.
      #expect(abs(state[2 + i] - difference) < 1e-4 * (1 + abs(difference)), "\(state) \(difference)")
    }
  }

  @Test("of what the system has not are refused, with its names")
  func refused() throws {
    var c = RunConfiguration(system: "van-der-pol")
    c.sensitivity = ["my"]
    #expect {
      try Run(c, BuiltinPlugins.catalog(), out: nil)
    } throws: {
      "\($0)".contains("has no parameter and no component 'my'") && "\($0)".contains("mu")
    }
    c = RunConfiguration(system: "bouncing-ball")
    c.sensitivity = ["h"]
    #expect { try Run(c, BuiltinPlugins.catalog(), out: nil) } throws: {
      "\($0)".contains("change the state")
    }
  }
}

@Suite("A comparison of a system's runs") struct SystemComparisonTests {
  private var configuration: RunConfiguration {
    var c = RunConfiguration(system: "hires")
    (c.rtol, c.atol, c.record) = (1e-4, 1e-7, "endpoints")
    return c
  }

  @Test("has one reference, whatever the order of the list, and its error is estimated on the safe side")
  func reference() throws {
    let lists = [["cvode-bdf", "rodas"], ["rodas", "cvode-bdf"]]
    let outcomes = try lists.map {
      try Comparison(configuration, integrators: $0, rtols: [1e-4]).run(BuiltinPlugins.catalog())
    }
    // Of the methods that may be the reference, these two are most accurate here, and nearly level.
    let reference = outcomes[0].reference
    #expect(reference == outcomes[1].reference)
    #expect(["radau", "dop853"].contains { reference.hasPrefix($0) }, "\(reference)")
    // Both measure the same run: what BDF is off by is its error, known from elsewhere too.
    let known = ReferenceProblem.hires
    var c = configuration
    c.integrator = "cvode-bdf"
    let state = try #require(
      try Run(c, BuiltinPlugins.catalog(), out: nil).run().summary.system?.state
    ).map { $0! }
    let scale = known.problem.initialState
    let error = zip(zip(state, known.solution), scale).map { abs($0.0 - $0.1) / max(abs($0.1), $1) }.max()!
    for outcome in outcomes {
      let entry = try #require(outcome.entries.first { $0.integrator == "cvode-bdf" })
      #expect(abs(entry.errors[0]! / error - 1) < 0.1, "\(entry.errors) \(error)")
      #expect(entry.seconds.count == 6)
    }
  }

  @Test("is kept as it comes, and goes on")
  func resumed() throws {
    try withTemporaryFolder { folder in
      let catalog = try BuiltinPlugins.catalog()
      let cancellation = Cancellation()
      let first = try ComparisonStudy(
        Comparison(configuration, integrators: ["radau", "cvode-bdf"], rtols: [1e-3, 1e-4]),
        out: folder + "/c")
      // Ends within the second run.
      let part = try first.run(catalog, cancellation: cancellation) { line in
        if line.hasPrefix("radau") { cancellation.cancel() }
      }
      #expect(part.outcome.entries.count < 4)
      let whole = try ComparisonStudy(resuming: folder + "/c", adding: ["rodas"]).run(catalog) { _ in }
      #expect(
        whole.outcome.entries.map(\.integrator) == [
          "radau", "radau", "cvode-bdf", "cvode-bdf", "rodas", "rodas",
        ])
      #expect(whole.outcome.entries[0].seconds == part.outcome.entries[0].seconds)
      #expect(FileManager.default.fileExists(atPath: folder + "/c/comparison.csv"))
    }
  }
}
