import BuiltinPlugins
import Studies
import Testing

@testable import Validation

@Suite("Validation: exponents") struct ExponentTests {
  /// Wide enough for the limit, quick to integrate.
  private static func wide(_ settings: inout ValidationSettings) {
    settings.widths = [500, 1000, 2000, 4000]
    settings.points = [PhasePoint(0.5, 0), PhasePoint(1, 0), PhasePoint(1.75, 0)]
  }

  @Test("slopes are the expected ones; wrong expectations come out as failed")
  func slopes() throws {
    let result = try judge(ExponentsStatement(), Self.wide)
    #expect(
      result.table.verdicts
        == [.holds, .holds, .holds, .measuredOnly, .measuredOnly, .measuredOnly, .holds, .holds, .holds])
    // What holds at NTK's place, claimed of all.
    let wrong = ExponentsStatement(expected: { _ in ExpectedExponents(gamma: 0.5, gammaPrime: 0) })
    #expect(try judge(wrong, Self.wide).table.verdicts.suffix(3) == [.fails, .fails, .fails])
  }

  @Test("the sign of S_w tells the regimes apart")
  func signs() throws {
    let result = try judge(PhaseDiagramStatement(), Self.wide)
    #expect(result.table.verdicts == [.holds, .measuredOnly, .holds])
  }

  @Test("exponents in m kappa and kappa' at one width are the expected ones; shifted by 0.3 they fail")
  func rays() throws {
    let settings: (inout ValidationSettings) -> Void = { $0.widths = [2000] }
    let result = try judge(ScalingStatement(), settings)
    #expect(result.table.verdicts.count == 15 && result.verdict == .holds, "\(result.summary)")
    #expect(Set(try judge(ScalingStatement(expectedShift: 0.3), settings).table.verdicts) == [.fails])
  }
}
