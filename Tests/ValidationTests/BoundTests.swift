import BuiltinPlugins
import Foundation
import GradientFlow
import Studies
import Testing

@testable import Validation

/// Judges one statement with small settings.
func judge(
  _ statement: any Statement, _ change: (inout ValidationSettings) -> Void = { _ in }
) throws -> StatementResult {
  try Validator(smallSettings(change), BuiltinPlugins.catalog(), statements: [statement]).run().entries[0]
    .result
}

@Suite("Validation: bounds on the motion") struct BoundTests {
  static let statements: [LazyBoundStatement] = [.theorem6a, .theorem6c, .theorem6d]

  @Test("Theorem 6 holds inside its conditions and is not applied outside", arguments: statements.indices)
  func theorem6(index: Int) throws {
    let result = try judge(Self.statements[index])
    #expect(result.table.verdicts == [.holds, .notApplicable, .notApplicable])
    #expect(result.verdict == .holds && result.figures.count == 1)
  }

  @Test("a wrong order comes out as failed: 1/(m kappa)^2 falls too fast")
  func wrongOrder() throws {
    let wrong = LazyBoundStatement(
      identifier: "wrong", title: "", reference: "", part: .w, isRelative: true,
      order: { run, _ in pow(Double(run.network.width) * run.network.kappa, -2) })
    let result = try judge(wrong) { ($0.points, $0.widths) = ([PhasePoint(0.5, 0)], [100, 400, 1600]) }
    #expect(result.verdict == .fails, "\(result.table.rows)")
  }

  @Test("an explicit bound too small by 1e5 comes out as failed", arguments: statements.indices)
  func wrongConstant(index: Int) throws {
    var statement = Self.statements[index]
    statement.strictness = 1e-5
    #expect(try judge(statement).table.verdicts[0] == .fails)
  }

  @Test("Theorem 6 is not applied without ASI at gamma <= 1/2, with tanh, or where two inputs coincide")
  func conditions() throws {
    let linear: (inout ValidationSettings) -> Void = { $0.points = [PhasePoint(0.5, 0)] }
    #expect(
      try judge(LazyBoundStatement.theorem6d) {
        linear(&$0)
        $0.asi = false
      }.verdict == .notApplicable)
    #expect(
      try judge(LazyBoundStatement.theorem6d) {
        linear(&$0)
        ($0.activation, $0.widths, $0.stopLoss) = ("tanh", [20], 1e-3)
      }.verdict == .notApplicable)
    try DataFiles.with(DataFiles.twins) { file in
      let result = try judge(LazyBoundStatement.theorem6d) {
        linear(&$0)
        $0.data = file
      }
      #expect(result.verdict == .notApplicable && result.table.rows[0].contains(.text("λ = 0")))
    }
  }

  @Test("nearly parallel inputs: no width is large enough, and nothing fails")
  func nearlyParallel() throws {
    try DataFiles.with(DataFiles.five) { file in
      let settings = smallSettings {
        ($0.data, $0.stopLoss) = (file, 1e-3)
        $0.points = [PhasePoint(0.5, 0), PhasePoint(1.75, 0)]
        $0.statement = ["theorem-6a", "theorem-6d", "theorem-8", "phase-diagram"]
      }
      let report = try Validator(settings, BuiltinPlugins.catalog()).run()
      #expect(report.constants.lambda > 0 && report.constants.lambda < 1e-10)
      #expect(report.entries.map(\.result.verdict) == [.notApplicable, .notApplicable, .holds, .holds])
    }
  }

  @Test("two points far apart: everything that is judged holds")
  func twoPoints() throws {
    try DataFiles.with(DataFiles.two) { file in
      let report = try Validator(smallSettings { $0.data = file }, BuiltinPlugins.catalog()).run()
      for entry in report.entries {
        #expect(entry.result.verdict != .fails, "\(entry.statement.identifier): \(entry.result.summary)")
      }
    }
  }

  @Test("Theorem 8 holds in the condensed regime only, and fails with a bound too large by 100")
  func theorem8() throws {
    #expect(try judge(CondensedBoundStatement()).table.verdicts == [.notApplicable, .notApplicable, .holds])
    #expect(try judge(CondensedBoundStatement(strictness: 100)).verdict == .fails)
  }

  @Test("Theorem 8 is not applied to a run that stops above Y^2/(8n)")
  func assumption3() throws {
    // Y = 1/4 and n = 4: Y^2/(8n) = 1/512; R_0 = 0.0158.
    let result = try judge(CondensedBoundStatement()) { $0.stopLoss = 0.01 }
    #expect(result.verdict == .notApplicable)
  }

  @Test("the explicit bounds are the displayed formulas of the appendix")
  func formulas() throws {
    let data = try BuiltinPlugins.catalog().datasets.make("four-points")
    let constants = try DataConstants(data)
    let (m, d, n, kappa, r0, delta) = (1000.0, 2.0, 4.0, 0.02, 0.3, 0.1)
    // lambda_a and lambda_w of the paper's data: SciPy.
    #expect(abs(constants.lambdaA - 1.01148e-3) < 1e-8 && abs(constants.lambdaW - 0.0323548) < 1e-7)
    let root = (log(8 * m * (d + 1) / delta) * r0).squareRoot()
    // kappa' = 1: (57) and (58) summed over the entries, with the p of Proposition 19.
    let unit = LazyBounds(
      constants: constants, scaling: try Scaling(kappa: kappa, kappaPrime: 1), width: 1000, initialRisk: r0,
      delta: delta)
    let expected =
      8 * (d + 1).squareRoot() * d * n * root / (m.squareRoot() * kappa * (1.01148e-3 + 0.0323548))
    #expect(abs(unit.displacement(.theta, isThetaLazy: true) / expected - 1) < 1e-5)
    // kappa' < 1: the last display of Proposition 25's proof.
    let lazy = LazyBounds(
      constants: constants, scaling: try Scaling(kappa: kappa, kappaPrime: 1e-3), width: 1000,
      initialRisk: r0,
      delta: delta)
    let relative =
      (2 / (d * m)).squareRoot() * 1e-3 / (m.squareRoot() * kappa) * 8 * d.squareRoot() * d * n * root
    #expect(abs(lazy.relativeDistance(.w, isThetaLazy: false) * 1.01148e-3 / relative - 1) < 1e-5)
  }

  @Test(
    "the linearised estimate bounds what the linearised flow moves, and is near what a wide network moves")
  func estimate() throws {
    let settings = smallSettings {
      ($0.widths, $0.seeds) = ([2000], .count(1))
      $0.points = [PhasePoint(0.5, 0)]
    }
    let context = try ValidationContext(settings, BuiltinPlugins.catalog())
    let run = try context.result(context.ladder(settings.points[0])[0])
    let estimate = try LazyBounds(
      constants: context.constants, scaling: run.scaling, width: 2000, initialRisk: run.network.initialLoss,
      delta: 0.05
    ).linearizedEstimate(isThetaLazy: true)
    // |y| is shared out over modes, of which the smallest eigenvalue's is the one assumed to have it all.
    #expect(run.supremum(.theta) < estimate && run.supremum(.theta) > estimate / 10)
  }
}
