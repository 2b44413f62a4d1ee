import BuiltinPlugins
import DeepNetworks
import Foundation
import Studies
import Testing

@testable import Validation

@Suite("Statements on networks with several hidden layers") struct DepthTests {
  private func settings(_ change: (inout ValidationSettings) -> Void = { _ in }) -> ValidationSettings {
    smallSettings {
      $0.hidden = [1, 1]
      $0.widths = [50, 100, 200]
      $0.points = [PhasePoint(1, 0), PhasePoint(2, 0)]
      change(&$0)
    }
  }

  private func report(
    _ settings: ValidationSettings, _ statements: [any Statement] = Statements.all
  ) throws -> ValidationReport {
    try Validator(settings, BuiltinPlugins.catalog(), statements: statements).run()
  }

  @Test("those that hold at any depth are judged, and hold")
  func hold() throws {
    let report = try report(settings())
    #expect(
      report.entries.map(\.statement.identifier) == [
        "gram-concentration", "conservation", "energy", "linearization", "late-rate",
      ])
    for entry in report.entries where entry.statement.identifier != "late-rate" {
      #expect(entry.result.verdict == .holds, "\(entry.statement.identifier): \(entry.result.summary)")
    }
    // A table row for each of three layers.
    #expect(report.entries[0].result.table.rows.count == 3)
    #expect(try ValidationSettings(StrictYAML.tree(report.settings.yaml)) == report.settings)
  }

  /// Of a smooth activation no unit is held at a kink.
  @Test("the late rate is that of the kernel; half of it or twice is called failed", arguments: [1, 0.5, 2])
  func lateRate(factor: Double) throws {
    let smooth = settings {
      $0.activation = "softplus"
      $0.points = [PhasePoint(1, 0)]
      $0.widths = [100, 200, 400]
      $0.statement = ["late-rate"]
    }
    let table = try report(smooth, [LateRateStatement(rateFactor: factor)]).entries[0].result.table
    let judged = table.verdicts.filter { $0 != .notApplicable }
    #expect(
      !judged.isEmpty && judged.allSatisfy { $0 == (factor == 1 ? .holds : .fails) }, "\(table.verdicts)")
  }

  @Test("a wrong exponent of concentration is called failed")
  func wrongConcentration() throws {
    var statement = ConcentrationStatement()
    statement.exponent = -1
    #expect(try report(settings(), [statement]).entries[0].result.verdict == .fails)
  }

  /// Two hidden layers of `m` units, `kappa = m^(-gamma)`: `Delta theta = M J^T (J M J^T)^-1 y` has the size of `1/(kappa m)` beside layers of norm `m^(1/2)`.
  @Test("the linearised flow's motion falls with the width as the balance says")
  func motion() throws {
    let context = try ValidationContext(settings(), BuiltinPlugins.catalog())
    let (near, far) = try (
      context.linearizedMotion(context.configuration(PhasePoint(1, 0), width: 1000, seed: 1)),
      context.linearizedMotion(context.configuration(PhasePoint(1, 0), width: 100_000, seed: 1))
    )
    let expected = LayerExponents(gamma: 1, mobilityExponents: [0, 0, 0]).slopes.max()!
    #expect(abs(log(far / near) / log(100) - expected) < 0.01)
  }

  @Test("a statement of two layers is refused, and says what there is")
  func refused() {
    let error = #expect(throws: UsageError.self) {
      try Validator(settings { $0.statement = ["neuron-bound"] }, BuiltinPlugins.catalog())
    }
    #expect(error?.description.contains("gram-concentration") == true)
    #expect(throws: UsageError.self) {
      try Validator(settings { $0.hidden = [5] }, BuiltinPlugins.catalog())
    }
  }
}
