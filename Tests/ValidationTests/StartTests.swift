import BuiltinPlugins
import Studies
import Testing

@testable import Validation

@Suite("Validation: starts") struct StartTests {
  @Test("Proposition 16, Lemma 9 and Lemma 10 hold")
  func hold() throws {
    let settings = smallSettings { $0.statement = ["proposition-16", "lemma-9", "lemma-10"] }
    let report = try Validator(settings, BuiltinPlugins.catalog()).run()
    #expect(report.entries.map(\.result.verdict) == [.holds, .holds, .holds])
    #expect(report.runs == 0)
  }

  @Test("claims that are too strong come out as failed")
  func wrong() throws {
    #expect(try judge(NormStatement(rate: 0.5)).verdict == .fails)
    #expect(try judge(LargestEntryStatement(strictness: 0.7)).verdict == .fails)
    #expect(try judge(InitialRiskStatement(strictness: 1e-9)).verdict == .fails)
  }

  @Test("what counts is that the activation is ReLU, not what it is called")
  func relu() throws {
    for (activation, verdict) in [("leaky-relu:0", Verdict.holds), ("leaky-relu:0.1", .notApplicable)] {
      let settings = smallSettings {
        $0.statement = ["lemma-10"]
        $0.activation = activation
      }
      let report = try Validator(settings, BuiltinPlugins.catalog()).run()
      #expect(report.entries.map(\.result.verdict) == [verdict], "\(activation)")
    }
  }

  /// The chance that `|X|^2/N` of `N` normal numbers is outside [1/2, 3/2], by SciPy's chi-square distribution.
  @Test(
    "the Chernoff bound of Proposition 16 lies above the exact chance",
    arguments: [
      (1, 0.7411712397328899), (5, 0.4095347624795443), (20, 0.10168171800561468),
      (100, 0.0009108853476016346),
      (300, 4.356904515146479e-08),
    ])
  func chernoff(entries: Int, exact: Double) {
    #expect(NormStatement().probability(entries: entries) >= exact)
  }
}
