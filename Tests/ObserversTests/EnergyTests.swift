import GradientFlow
import ObserversPlugins
import Testing
import ODECore

@Suite("Energy")
struct EnergyTests {
  /// One neuron and one sample (0, 1) with target 0: f = a and R = a^2 / 2.
  private func watch(_ values: [Double]) throws -> [String: ObservedValue] {
    try Energy().watch(
      makeFlow(width: 1), values.enumerated().map { (Double($0), state([($1, [0, 1])])) })
  }

  @Test("finds no rise in a falling loss")
  func falling() throws {
    let result = try watch([2, 1, 0.5, 0.5, 0])
    #expect(result["maxRise"] == .number(0) && result["monotone"] == .flag(true))
    #expect(result.number("maxRiseTime").isNaN)
  }

  @Test("reports the largest rise relative to the loss before it, and when")
  func rise() throws {
    // R: 2, 0.5, 0.605, 0.605, 0.125, 0.13005
    let result = try watch([2, 1, 1.1, 1.1, 0.5, 0.51])
    #expect(result.number("maxRise").isNear(0.21, relative: 1e-14))
    #expect(result["maxRiseTime"] == .number(2) && result["monotone"] == .flag(false))
  }

  @Test("excuses a rise by rounding, and only that")
  func rounding() throws {
    let up = (1.0).nextUp
    let small = try watch([1, up])
    #expect(small.number("maxRise") > 0 && small["monotone"] == .flag(true))
    // The allowance here is about 4 u S = 1.3e-15 (S = 3).
    let larger = try watch([1, 1 + 1e-14])
    #expect(larger["monotone"] == .flag(false))
  }

  @Test("does not call a loss that is not a number monotone")
  func notANumber() throws {
    #expect(try watch([1, .nan, 0.5])["monotone"] == .flag(false))
  }
}
