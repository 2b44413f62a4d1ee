import Foundation
import Testing

@testable import RungeKutta

@Suite("The stages of rkc")
struct ChebyshevStagesTests {
  /// `P_s(z)` by the recurrence: one step of size 1 along `y' = z y` from 1.
  private func amplification(_ s: Int, _ z: Double) -> Double {
    var stages = ChebyshevStages(count: s)
    var (older, newer) = (1.0, 1 + stages.first * z)
    for _ in 2...s {
      let c = stages.next()
      let y = 1 - c.mu - c.nu + c.mu * newer + c.nu * older + c.muTilde * (z * newer - c.a * z)
      (older, newer) = (newer, y)
    }
    return newer
  }

  /// `T_s(x)` and its first two derivatives at `x = cosh u > 1`.
  private func chebyshev(_ s: Int, at x: Double) -> (t: Double, first: Double, second: Double) {
    let (n, u) = (Double(s), acosh(x))
    let first = n * sinh(n * u) / sinh(u)
    return (
      cosh(n * u), first, (n * n * cosh(n * u) - cosh(u) / sinh(u) * n * sinh(n * u)) / (sinh(u) * sinh(u))
    )
  }

  /// The same in closed form, `P_s(z) = a_s + b_s T_s(w_0 + w_1 z)`.
  private func closedForm(_ s: Int, _ z: Double) -> Double {
    let w0 = 1 + 2.0 / 13 / Double(s * s)
    let at = chebyshev(s, at: w0)
    let (w1, b) = (at.first / at.second, at.second / (at.first * at.first))
    let x = w0 + w1 * z
    let t =
      abs(x) <= 1
      ? cos(Double(s) * acos(x))
      : x > 1
        ? cosh(Double(s) * acosh(x))
        : cosh(Double(s) * acosh(-x)) * (s.isMultiple(of: 2) ? 1 : -1)
    return 1 - b * at.t + b * t
  }

  @Test("multiply a mode by the shifted Chebyshev polynomial", arguments: [2, 3, 4, 7, 20, 101, 500])
  func polynomial(s: Int) {
    let beta = ChebyshevStages(count: s).stabilityInterval
    for k in 0...400 {
      let z = -beta * Double(k) / 400
      // The recurrence over s stages is unstable like s^2 u only: Sommeijer, Shampine, Verwer 1998.
      #expect(abs(amplification(s, z) - closedForm(s, z)) < Double.ulpOfOne * Double(10 * s * s), "z = \(z)")
    }
  }

  @Test("are stable up to beta, damped away from 0, and unstable beyond", arguments: [2, 3, 10, 57, 300])
  func stability(s: Int) {
    let beta = ChebyshevStages(count: s).stabilityInterval
    for k in 1...4000 {
      let z = -beta * Double(k) / 4000
      let p = amplification(s, z)
      #expect(abs(p) <= 1 + 1e-12, "P(\(z)) = \(p)")
      // The amplitude of the oscillation is b_s about a_s ~ 2/3: its top is 1 - eps/3 = 0.949 at first order.
      if z < -0.3 * beta, z > -0.999 * beta, s > 2 { #expect(abs(p) < 0.96, "P(\(z)) = \(p)") }
    }
    // beta is where T_s leaves [-1, 1]; damping leaves |P| some room beyond, much only for few stages.
    #expect(abs(amplification(s, -1.5 * beta)) > 1)
    if s >= 10 { #expect(abs(amplification(s, -1.02 * beta)) > 1) }
    // (1 + w_0)/w_1 ~ 2/3 (s^2 - 1)(1 - 2/15 eps); Sommeijer, Shampine, Verwer 1998.
    let n = Double(s)
    let expected = 2.0 / 3 * (n * n - 1) * (1 - 2.0 / 15 * (2.0 / 13))
    #expect(abs(beta / expected - 1) < 1e-2)
  }

  @Test("agree with the exponential to second order", arguments: [2, 5, 50])
  func order(s: Int) {
    // P(z) = 1 + z + z^2/2 + O(z^3): the remainder over z^3 tends to a constant.
    let remainder = [1e-2, 5e-3].map { (amplification(s, -$0) - (1 - $0 + $0 * $0 / 2)) / ($0 * $0 * $0) }
    #expect(abs(remainder[0]) < 1 && abs(remainder[0] - remainder[1]) < 1e-2)
  }

  @Test("are as many as the product of step and rate needs, and at most two more")
  func count() {
    for exponent in 0...160 {
      let product = pow(10, Double(exponent) / 20 - 1)
      let s = ChebyshevStages.count(for: product)
      #expect(s >= 2 && ChebyshevStages(count: s).stabilityInterval >= product, "\(product): \(s)")
      // 1.54 against 1.531 is 0.3 % of s.
      if s >= 5 {
        let fewer = s - 2 - s / 300
        #expect(ChebyshevStages(count: fewer).stabilityInterval < product, "\(product): \(s)")
      }
    }
    for s in [2, 3, 17, 1000] {
      #expect(ChebyshevStages.count(for: ChebyshevStages.product(for: s) * (1 - 1e-12)) == s)
    }
  }
}
