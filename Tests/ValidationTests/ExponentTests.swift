import BuiltinPlugins
import GradientFlow
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

  /// 25 to 100 independent neurons for ten images: `lambda_min(G(0))` is a small share of its limit, by Marchenko and Pastur
  /// about `(1 - sqrt(20/m))^2`, and makes exponents of its own.
  @Test("exponents are not judged where the start's Gram matrix is far from its limit")
  func concentration() throws {
    let settings = smallSettings {
      $0.data = "fashion-mnist:10"
      $0.points = [PhasePoint(0.5, 0.5)]
    }
    let context = try ValidationContext(settings, BuiltinPlugins.catalog())
    let ladder = try Ladder(settings.points[0], context)
    #expect(try ladder.concentrated(context, atLeast: 0.9).isEmpty)
    #expect(try ladder.concentrated(context, atLeast: 0.01) == [50, 100, 200])
    let table = try ExponentsStatement().evaluate(context).table
    #expect(Set(table.verdicts) == [.measuredOnly])
    #expect(table.rows.allSatisfy { $0.last == .text("too narrow: G(θ⁰) is not near its limit") })
  }

  @Test("an exponent with the wrong sign comes out as failed, at each place")
  func wrongSign() throws {
    let wrong = ExponentsStatement(expected: {
      // `gamma` mirrored about 1 turns the signs of both regimes.
      ExpectedExponents(gamma: $0.gamma < 1 ? 1.5 : 0.25, gammaPrime: 0)
    })
    let verdicts = try judge(wrong, Self.wide).table.verdicts
    #expect(verdicts.filter { $0 == .fails }.count >= 6)
    #expect(!verdicts.contains(.holds))
  }

  @Test("widths that are not given follow the data set's size")
  func defaultWidths() throws {
    let catalog = try BuiltinPlugins.catalog()
    for (data, widths) in [("four-points", [1000, 2000, 4000, 8000]), ("fashion-mnist:10", [50, 100, 200])] {
      var settings = ValidationSettings()
      settings.data = data
      #expect(try Validator(settings, catalog).settings.widths == widths)
    }
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
