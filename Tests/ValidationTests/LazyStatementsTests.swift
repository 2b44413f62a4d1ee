import BuiltinPlugins
import Foundation
import GradientFlow
import PluginKit
import Studies
import Testing

@testable import Validation

/// Settings for fast tests of statements on decay and linearisation: two linear places and a condensed one.
private func settings(_ change: (inout ValidationSettings) -> Void = { _ in }) -> ValidationSettings {
  smallSettings {
    $0.widths = [200, 800, 3200]
    $0.points = [PhasePoint(0.5, 0), PhasePoint(0.5, 0.5), PhasePoint(1.75, 0)]
    change(&$0)
  }
}

private func result(
  _ statement: any Statement, _ settings: ValidationSettings = settings()
) throws -> StatementResult {
  try Validator(settings, BuiltinPlugins.catalog(), statements: [statement]).run().entries[0].result
}

@Suite("Statements on decay, kernels and linearisation") struct LazyStatementsTests {
  @Test("hold on the paper's points")
  func hold() throws {
    let statements: [any Statement] = [
      ConcentrationStatement(), VanishingDistanceStatement.lossCurve(),
      VanishingDistanceStatement.linearization, LateRateStatement(),
      GuaranteedDecayStatement.theorem6b, GuaranteedDecayStatement.proposition18,
      GuaranteedDecayStatement.proposition21, TableOneStatement(),
    ]
    let report = try Validator(settings(), BuiltinPlugins.catalog(), statements: statements).run()
    for entry in report.entries {
      #expect(entry.result.verdict == .holds, "\(entry.statement.identifier): \(entry.result.summary)")
    }
  }

  @Test("a rate twice too large, or half of it, is called failed", arguments: [0.5, 2])
  func wrongRate(factor: Double) throws {
    let rate = try result(LateRateStatement(rateFactor: factor))
    #expect(rate.verdict == .fails)
    // Every run whose rate could be fitted says so, not one by accident.
    #expect(!rate.table.verdicts.contains(.holds))
    let curve = try result(VanishingDistanceStatement.lossCurve(rateFactor: factor))
    #expect(curve.verdict == .fails)
    #expect(curve.table.verdicts[..<2] == [.fails, .fails])
  }

  @Test("guarantees beyond what the Gram matrix gives are broken where their premise is met")
  func wrongGuarantee() throws {
    // The proofs lose a factor of about 2 in the eigenvalue, and the smallest eigenvalues of the sum of two matrices may
    // be several times the sum of theirs: a factor of 100 leaves no doubt.
    for var statement in [
      GuaranteedDecayStatement.theorem6b, .proposition18, .proposition21,
    ] {
      statement.rateFactor = 1e4
      #expect(try result(statement).verdict == .fails, "\(statement.identifier)")
    }
  }

  @Test("another exponent than -1/2, and another time than (7), fail")
  func otherTheories() throws {
    let draws = settings { $0.draws = 200 }
    #expect(try result(ConcentrationStatement(), draws).verdict == .holds)
    for exponent in [-1.0, -0.25] {
      #expect(try result(ConcentrationStatement(exponent: exponent), draws).verdict == .fails)
    }
    #expect(try result(TableOneStatement(timeFactor: 1.1)).verdict == .fails)
  }

  @Test("the fitted rate is that of an independent fit, and the prediction 2 (m/n) lambda_min(G)")
  func independentFit() throws {
    let settings = settings {
      $0.widths = [100, 400, 1600]
      $0.points = [PhasePoint(0.5, 0.5)]
      $0.stopLoss = 1e-14
    }
    let catalog = try BuiltinPlugins.catalog()
    let context = try ValidationContext(settings, catalog)
    let table = try LateRateStatement().evaluate(context).table
    // The plain matrix predicts nothing where neurons are held at kinks.
    let cases = zip(table.rows, context.ladder(settings.points[0])).filter { $0.0[12] == .integer(0) }
    #expect(cases.count >= 3)
    for (row, configuration) in cases {
      guard case .number(let rate) = row[3], case .number(let ratioAtEnd) = row[11] else { continue }
      // From two states of a run to twice the depth: the rate between R = 1e-12 and 1e-14.
      let run = try context.result(configuration)
      let (time, loss) = (run.record["time"]!, run.record["loss"]!)
      let first = loss.firstIndex { $0 < 1e-12 }!
      let slope = log(loss[first] / loss.last!) / (time.last! - time[first])
      // Both lines lie within 2 % of the curve, which over more than four e-foldings is 1 % of the slope.
      #expect(abs(rate - slope) < 0.01 * slope)
      let flow = try Experiment(configuration, catalog).network!.flow
      let smallest = try flow.gramMatrix(run.state.span).eigenvalues()[0]
      let predicted = 2 * Double(configuration.width) / 4 * smallest
      #expect(abs(ratioAtEnd - rate / predicted) < 1e-6 * ratioAtEnd)
    }
  }

  @Test("neurons that died at a kink have no part in the late rate, whichever side rounding left them on")
  func deadNeurons() throws {
    let table = try DataFiles.with(DataFiles.two) { path in
      try result(
        LateRateStatement(),
        settings {
          $0.data = path
          $0.points = [PhasePoint(1.5, -1)]
          $0.widths = [1000]
        }
      ).table
    }
    for row in table.rows {
      // With their one-sided derivatives the ratio is 0.85 to 0.92. The line's window is 1 % wide in log R.
      guard case .number(let ratio) = row[9] else { continue }
      #expect(abs(ratio - 1) < 0.01, "seed \(row[2])")
    }
    #expect(table.verdicts == [.holds, .holds])
  }

  @Test("own data: two, five and twelve points, one pair nearly parallel", arguments: [2, 5, 12])
  func ownData(count: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "phaseflow-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "points.csv")
    // In two dimensions, irregular; the last lies beside the first.
    let rows = (0..<count).map { i in
      let t = i == count - 1 ? 1e-3 : Double(i)
      return "\(sin(2.1 * t)),\(cos(3.7 * t)),\(0.5 + 0.4 * sin(5 * t))"
    }
    try (["x1,x2,y"] + rows).joined(separator: "\n").write(to: file, atomically: true, encoding: .utf8)
    let settings = settings {
      $0.data = file.path
      // The nearly parallel pair leaves a mode that takes thousands of times as long.
      $0.stopLoss = 1e-3
    }
    let statements: [any Statement] = [
      ConcentrationStatement(), VanishingDistanceStatement.lossCurve(),
      VanishingDistanceStatement.linearization, LateRateStatement(),
      GuaranteedDecayStatement.theorem6b, GuaranteedDecayStatement.proposition18, TableOneStatement(),
    ]
    let report = try Validator(settings, BuiltinPlugins.catalog(), statements: statements).run()
    #expect(report.constants.lambda < 1e-5)
    for entry in report.entries {
      #expect(entry.result.verdict != .fails, "\(entry.statement.identifier): \(entry.result.summary)")
    }
  }
}
