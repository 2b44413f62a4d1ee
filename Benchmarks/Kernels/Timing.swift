import Foundation

/// The shortest of several repetitions of each of `bodies`, in seconds. They take turns, so that a
/// busy machine hits all of them alike.
func shortestTimes(_ bodies: [() throws -> Void], budget: Double = 0.4) throws -> [Double] {
  var best = [Double](repeating: .infinity, count: bodies.count)
  for body in bodies { try body() }
  let clock = ContinuousClock()
  let start = clock.now
  var rounds = 0
  while rounds < 5 || seconds(clock.now - start) < budget * Double(bodies.count) {
    for (i, body) in bodies.enumerated() {
      // Calls of a few microseconds are timed in bunches.
      let bunch = best[i] < 2e-5 ? 20 : 1
      let begin = clock.now
      for _ in 0..<bunch { try body() }
      best[i] = min(best[i], seconds(clock.now - begin) / Double(bunch))
    }
    rounds += 1
  }
  return best
}

private func seconds(_ duration: Duration) -> Double {
  let (s, attoseconds) = duration.components
  return Double(s) + 1e-18 * Double(attoseconds)
}

extension String {
  func padded(_ width: Int) -> String {
    count >= width ? self : String(repeating: " ", count: width - count) + self
  }
}

func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }
