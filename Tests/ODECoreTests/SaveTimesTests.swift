import Foundation
import RungeKutta
import Testing

@testable import ODECore

@Suite("Save times")
struct SaveTimesTests {
  private func saved(_ times: SaveTimes, from start: Double = 0, to end: Double = 1) throws -> [Double] {
    let solution = try integrate(clock(from: start, to: end), with: Euler(step: .value(0.3)), saving: times)
    // The solution is y = t.
    for (t, y) in zip(solution.savedTimes, solution.savedStates) { #expect(abs(y[0] - t) < 1e-15) }
    #expect(solution.savedStates.count == solution.savedTimes.count)
    return solution.savedTimes
  }

  @Test("always include the first and the last") func endpoints() throws {
    #expect(try saved(.endpoints) == [0, 1])
  }

  @Test("can be every step") func everyStep() throws {
    #expect(try saved(.everyStep) == [0, 0.3, 0.6, 0.6 + 0.3, 1])
  }

  @Test("given as a list may be unsorted, repeated and out of range; each comes once") func list() throws {
    #expect(try saved(.list([0.5, 0.25, 0.5, 0, 1, 2, -1])) == [0, 0.25, 0.5, 1])
    #expect(try saved(.list([0.5, 0.25, 0.5, 0, 1, 2, -1]), from: 1, to: 0) == [1, 0.5, 0.25, 0])
    #expect(try saved(.list([])) == [0, 1])
  }

  @Test("evenly spaced start at the start, in either direction") func linear() throws {
    #expect(try saved(.linear(spacing: 0.25)) == [0, 0.25, 0.5, 0.75, 1])
    #expect(try saved(.linear(spacing: 0.375)) == [0, 0.375, 0.75, 1])
    #expect(try saved(.linear(spacing: 0.25), from: 1, to: 0) == [1, 0.75, 0.5, 0.25, 0])
    #expect(try saved(.linear(spacing: 7)) == [0, 1])
  }

  @Test("on a logarithmic axis begin with the first value and end with the last time") func geometric() throws
  {
    let expected = [0, 0.01, pow(10, -1.5), 0.1, pow(10, -0.5), 1]
    #expect(try saved(.geometric(first: 0.01, perDecade: 2)) == expected)
    // 0.011 is no power of 10^(1/2): the next one is the first.
    #expect(try saved(.geometric(first: 0.011, perDecade: 2)) == [0] + expected[2...])
  }

  @Test("that make no sense are refused") func refused() throws {
    for (times, error) in [
      (SaveTimes.linear(spacing: 0), SaveTimesError.spacing(0)),
      (.linear(spacing: -1), .spacing(-1)),
      (.linear(spacing: .infinity), .spacing(.infinity)),
      (.geometric(first: 0, perDecade: 1), .first(0)),
      (.geometric(first: 1, perDecade: 0), .perDecade(0)),
      (.list([1, .nan]), .notANumber(index: 1)),
    ] {
      #expect(throws: error) { try integrate(clock(to: 1), with: Euler(step: .value(0.5)), saving: times) }
    }
    #expect(throws: SaveTimesError.unresolvedSpacing(0.5, at: 1e16)) {
      try SaveSchedule(.linear(spacing: 0.5), from: 1e16, sign: 1)
    }
  }

  @Test("are strictly monotone even where they can hardly be told apart")
  func monotone() throws {
    for (times, start) in [
      (SaveTimes.geometric(first: 1e-12, perDecade: 3), 1e6), (.linear(spacing: 0.3), 1e15),
      (.linear(spacing: 1e-9), 3e6),
    ] {
      for sign in [1.0, -1] {
        var schedule = try SaveSchedule(times, from: start, sign: sign)
        var last = start
        for _ in 0..<100 {
          let next = try #require(schedule.next)
          #expect((next - last) * sign > 0)
          last = next
          schedule.advance(past: next)
        }
      }
    }
  }

  @Test("skip ahead over a gap of a hundred million spacings at once")
  func skips() throws {
    var schedule = try SaveSchedule(.linear(spacing: 1), from: 0, sign: 1)
    schedule.advance(past: 1e8 + 0.5)
    #expect(schedule.next == 1e8 + 1)
  }
}
