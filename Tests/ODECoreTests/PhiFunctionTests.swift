import Foundation
import ODECore
import Testing

@Suite("Phi functions")
struct PhiFunctionTests {
  /// The integral `phi_k(z) = int_0^1 exp((1 - s) z) s^(k-1)/(k-1)! ds` by Gauss-Legendre with five points on 400 intervals: for |z| <= 40 its
  /// error is below rounding.
  private func integral(_ k: Int, _ z: Double) -> Double {
    let points = [0.0, 0.5384693101056831, -0.5384693101056831, 0.9061798459386640, -0.9061798459386640]
    let weights = [
      0.5688888888888889, 0.4786286704993665, 0.4786286704993665, 0.2369268850561891, 0.2369268850561891,
    ]
    let factorial = (1..<k).reduce(1.0) { $0 * Double($1) }
    var sum = 0.0
    for j in 0..<400 {
      for (x, w) in zip(points, weights) {
        let s = (Double(j) + 0.5 + 0.5 * x) / 400
        sum += w / 800 * exp((1 - s) * z) * pow(s, Double(k - 1)) / factorial
      }
    }
    return sum
  }

  // Backward recurrence and series lose some units; at 1.5 forward recurrence has divided by z four times.
  @Test(
    "agree with their integrals, also where formulas change",
    arguments: [-40, -3, -1.5000001, -1.4999999, -0.3, -1e-9, 0, 1e-12, 0.7, 1.4999999, 1.5000001, 5])
  func integrals(z: Double) {
    let phi = PhiFunctions(z)
    #expect(phi[0] == exp(z))
    for k in 1...5 {
      let expected = integral(k, z)
      #expect(abs(phi[k] - expected) <= 4e-13 * expected, "k = \(k): \(phi[k]), \(expected)")
    }
  }

  // phi_1 -> -1/z, phi_2 -> -1/z - 1/z^2, and so on.
  @Test("decay like their asymptotic series for stiff arguments")
  func stiff() {
    let z = -1e8
    let phi = PhiFunctions(z)
    #expect(phi.zero == 0)
    #expect(abs(phi.one - 1e-8) <= 1e-23)
    #expect(abs(phi.two - (1e-8 - 1e-16)) <= 1e-22)
    #expect(abs(phi.three - (0.5e-8 - 1e-16)) <= 1e-22)
    #expect(PhiFunctions(-.infinity).zero == 0)
  }
}
