import BuiltinPlugins
import GradientFlow
import Studies
import Testing

@testable import Validation

/// Settings for fast tests: three small widths, two seeds, three places.
func smallSettings(_ change: (inout ValidationSettings) -> Void = { _ in }) -> ValidationSettings {
  var settings = ValidationSettings()
  settings.widths = [50, 100, 200]
  settings.seeds = .count(2)
  settings.points = [PhasePoint(0.5, 0), PhasePoint(1, 0), PhasePoint(1.75, 0)]
  settings.draws = 50
  change(&settings)
  return settings
}

/// A conservation law with a wrong bound: the measured defect of any integration exceeds it.
private let wrongConservation = InvariantStatement(
  identifier: "wrong", title: "", reference: "", conditions: "", observer: "conservation", key: "maxDefect",
  quantity: "defect", bound: { _ in 0 })

@Suite("Validation: the frame") struct FrameTests {
  @Test("runs are shared: statements on the same ladders cost them once")
  func sharedRuns() throws {
    let settings = smallSettings { $0.statement = ["conservation", "energy", "neuron-bound"] }
    let report = try Validator(settings, BuiltinPlugins.catalog()).run()
    #expect(report.runs == 3 * 2 * 3)
    #expect(report.entries.map(\.result.verdict) == [.holds, .holds, .holds])
    #expect(report.isSound)
  }

  @Test("a wrong bound comes out as failed, for the cases that break it")
  func wrongBound() throws {
    let report = try Validator(smallSettings(), BuiltinPlugins.catalog(), statements: [wrongConservation])
      .run()
    #expect(report.entries[0].result.verdict == .fails)
    #expect(report.entries[0].result.table.verdicts.contains(.fails))
    #expect(!report.isSound)
  }

  @Test("the laws of homogeneous activations are not applied to tanh")
  func notApplicable() throws {
    let settings = smallSettings {
      $0.activation = "tanh"
      $0.statement = ["conservation", "neuron-bound"]
      $0.widths = [20]
      $0.points = [PhasePoint(0.5, 0)]
      $0.stopLoss = 1e-3
    }
    let report = try Validator(settings, BuiltinPlugins.catalog()).run()
    #expect(report.entries.map(\.result.verdict) == [.notApplicable, .notApplicable])
    #expect(report.isSound)
  }

  @Test("the report is the same whatever the threads")
  func deterministic() throws {
    let reports = try [1, 2].map { threads in
      let settings = smallSettings { $0.threads = threads }
      return try Validator(settings, BuiltinPlugins.catalog()).run()
    }
    #expect(try reports[0].json == reports[1].json)
    #expect(reports[0].markdown == reports[1].markdown)
  }

  @Test("verdicts of cases combine: one failure fails, what is not applicable does not count")
  func combined() {
    #expect(Verdict.combined([.holds, .fails, .measuredOnly]) == .fails)
    #expect(Verdict.combined([.holds, .notApplicable, .measuredOnly]) == .holds)
    #expect(Verdict.combined([.measuredOnly, .notApplicable]) == .measuredOnly)
    #expect(Verdict.combined([.notApplicable]) == .notApplicable)
    #expect(Verdict.combined([]) == .notApplicable)
  }

  typealias Change = @Sendable (inout ValidationSettings) -> Void

  static let impossible: [(String, Change)] = [
    ("widths", { $0.widths = [] }), ("even", { $0.widths = [51] }), ("widths", { $0.widths = [50, 50] }),
    ("seeds", { $0.seeds = .count(0) }), ("points", { $0.points = [] }), ("delta", { $0.delta = 1 }),
    ("draws", { $0.draws = 0 }), ("stop-loss", { $0.stopLoss = -1 }),
    ("conservation", { $0.statement = ["conservaton"] }), ("error control", { $0.integrator = "rk4" }),
    ("absent.csv", { $0.data = "absent.csv" }), ("dormand-prince", { $0.integrator = "dormand-prnce" }),
  ]

  @Test("settings that cannot be are refused before any run", arguments: impossible)
  func refusals(word: String, change: Change) throws {
    let catalog = try BuiltinPlugins.catalog()
    let error = #expect(throws: UsageError.self) { try Validator(smallSettings(change), catalog) }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
  }
}
