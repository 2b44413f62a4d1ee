import ODECore
import ODETestKit
import RungeKutta
import Testing

@Suite("The fastest motion")
struct LargestRateTests {
  @Test("is found to a factor of two where it is known", arguments: [1e2, 1e5, 1e9])
  func known(rate: Double) throws {
    // Diagonal: rates 1, 10, `rate`; the start has nothing of the last one's motion.
    let damped = ClosureSystem(dimension: 3) { _, y, dy in
      (dy[0], dy[1], dy[2]) = (-y[0], -10 * y[1], -rate * y[2])
    }
    let fastest = try LargestRate(damped, 0, [1, 1, 0].span)
    #expect(fastest.rate > rate / 2 && fastest.rate < 2 * rate, "\(fastest.rate)")
    #expect(!fastest.isOscillation)
    // `x'' = -omega^2 x` beside a slow decay; positions and velocities differ by `omega`.
    let oscillator = ClosureSystem(dimension: 3) { _, y, dy in
      (dy[0], dy[1], dy[2]) = (y[1], -rate * rate * y[0], -y[2])
    }
    let motion = try LargestRate(oscillator, 0, [1, 0, 1].span)
    #expect(motion.rate > rate / 2 && motion.rate < 2 * rate, "\(motion.rate)")
    #expect(motion.isOscillation)
  }

  @Test("counts its evaluations, and is zero where f is constant")
  func counts() throws {
    final class Calls { var count = 0 }
    let calls = Calls()
    let constant = ClosureSystem(dimension: 2) { _, _, dy in
      calls.count += 1
      (dy[0], dy[1]) = (1, 2)
    }
    let fastest = try LargestRate(constant, 0, [0, 0].span)
    #expect(fastest.rate == 0 && fastest.evaluations == calls.count)
  }
}
