import ActivationsPlugins
import Foundation
import Networks
import Testing

/// Values against 60-digit arithmetic (Tests/Oracles/activation_values.py) and at special arguments.
@Suite struct ValueTests {
  struct Row: Sendable {
    let z: Double
    let expected: [Double]
  }

  static func rows(_ name: String) throws -> [Row] {
    let url = Bundle.module.bundleURL.appendingPathComponent("Fixtures/activation_values.csv")
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: ",")
    }
    .filter { $0[0] == name }
    .map { row in Row(z: Double(row[1])!, expected: row[2...].map { Double($0)! }) }
  }

  static func evaluate(_ activation: any Activation, _ z: [Double]) -> [[Double]] {
    var value = [Double](repeating: .nan, count: z.count)
    var (derivative, second) = (value, value)
    var valueSpan = value.mutableSpan
    var derivativeSpan = derivative.mutableSpan
    activation.evaluate(z.span, value: &valueSpan, derivative: &derivativeSpan)
    var secondSpan = second.mutableSpan
    activation.secondDerivative(z.span, into: &secondSpan)
    return [value, derivative, second]
  }

  // The bounds that the activations document, in units in the last place, and half a unit for the fixture's rounding.
  @Test(
    "Values and derivatives keep the documented error bounds, tails included",
    arguments: [
      ("tanh", Tanh() as any Activation, [3.5, 5.5, 8.5]), ("sigmoid", Sigmoid(), [3.5, 5.5, 8.5]),
      ("softplus", Softplus(), [3.5, 5.5, 5.5]), ("sin", Sine(), [2.5, 2.5, 2.5]),
    ])
  func accuracy(name: String, activation: any Activation, bounds: [Double]) throws {
    let rows = try Self.rows(name)
    #expect(rows.count >= 50)
    let got = Self.evaluate(activation, rows.map(\.z))
    for (i, row) in rows.enumerated() {
      for order in 0..<3 {
        let error = abs(got[order][i] - row.expected[order]) / row.expected[order].ulp
        #expect(error <= bounds[order], "derivative \(order) at \(row.z): \(got[order][i])")
      }
    }
  }

  @Test("At infinity and for NaN the smooth activations take their limits")
  func limits() {
    let z = [Double.infinity, -.infinity, .nan, 1e308, -1e308]
    let tanh = Self.evaluate(Tanh(), z)
    #expect(tanh[0][0] == 1)
    #expect(tanh[0][1] == -1)
    #expect(tanh[0][3] == 1)
    #expect(tanh[0][4] == -1)
    #expect(tanh[1][0] == 0)
    #expect(tanh[1][1] == 0)
    #expect(tanh[2][3] == 0)
    let sigmoid = Self.evaluate(Sigmoid(), z)
    #expect(sigmoid[0][0] == 1)
    #expect(sigmoid[0][1] == 0)
    #expect(sigmoid[1][3] == 0)
    #expect(sigmoid[1][4] == 0)
    let softplus = Self.evaluate(Softplus(), z)
    #expect(softplus[0][0] == .infinity)
    #expect(softplus[0][1] == 0)
    #expect(softplus[0][3] == 1e308)
    #expect(softplus[1][0] == 1)
    #expect(softplus[1][4] == 0)
    let sine = Self.evaluate(Sine(), z)
    #expect(sine[0][0].isNaN)
    #expect(sine[1][1].isNaN)
    // By the C library, which reduces by exact multiples of pi.
    #expect(sine[0][3] == sin(1e308))
    #expect(sine[1][4] == cos(1e308))
    for function in [tanh, sigmoid, softplus, sine] {
      #expect(function.allSatisfy { $0[2].isNaN })
    }
  }

  @Test("Far out the small numbers are not lost")
  func smallTails() {
    // log(1 + exp z) = exp z to the last digit for z < -40, and tanh' = 4 exp(-2|z|) for |z| > 20.
    let softplus = Self.evaluate(Softplus(), [-40, -600, -740])
    for (got, z) in zip(softplus[0], [-40.0, -600, -740]) {
      #expect(abs(got / exp(z) - 1) < 1e-15 || got == exp(z))
    }
    let slope = Self.evaluate(Tanh(), [25.0])[1][0]
    #expect(abs(slope / (4 * exp(-50)) - 1) < 1e-15)
  }

  @Test("ReLU and its relatives at special arguments")
  func piecewiseLinear() {
    let z = [-Double.infinity, -0.0, 0, .infinity, .nan]
    let relu = Self.evaluate(ReLU(), z)
    #expect(relu[0][0] == 0)
    #expect(relu[0][2] == 0)
    #expect(relu[0][3] == .infinity)
    #expect(relu[0][4].isNaN)
    #expect(relu[1][..<4] == [0, 0, 0, 1])
    let leaky = Self.evaluate(LeakyReLU(slope: 0.25), [-2, 0, 2])
    #expect(leaky == [[-0.5, 0, 2], [0.25, 0.25, 1], [0, 0, 0]])
    #expect(Self.evaluate(Monomial(power: 3), [-2, 0, 2]) == [[-8, 0, 8], [12, 0, 12], [-12, 0, 12]])
    #expect(Self.evaluate(Monomial(power: 1), [-2, 0]) == [[-2, 0], [1, 1], [0, 0]])
    #expect(Self.evaluate(Monomial(power: 2), [-2, 0]) == [[4, 0], [-4, 0], [2, 2]])
  }
}
