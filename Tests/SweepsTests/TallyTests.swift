import Testing

@testable import Sweeps

@Suite("Progress of a sweep") struct TallyTests {
  private func row(_ id: Int, cost: Double) -> SweepRow {
    SweepRow(
      id: id, gamma: 1, gammaPrime: 0, width: 10, seed: 1, betaExponent: nil, others: [], checks: nil,
      configuration: "", cost: cost, result: nil)
  }

  @Test("runs under way count as far as they have come")
  func underway() throws {
    let tally = SweepTally([row(1, cost: 10), row(2, cost: 30)], workers: 2)
    #expect(tally.progress.fraction == 0 && tally.progress.secondsLeft == nil)
    tally.begin(2, 30, threads: 1)
    tally.advance(2, to: 0.5)
    #expect(tally.progress.fraction == 15.0 / 40)
    #expect(tally.progress.secondsLeft != nil && tally.progress.running == 1)
    // Given up, it counts as not begun.
    tally.abandon(2)
    #expect(tally.progress.fraction == 0)
  }

  @Test("what is left is told by what was done, and the last runs by their own threads")
  func timeLeft() throws {
    let tally = SweepTally([row(1, cost: 10), row(2, cost: 30)], workers: 2)
    tally.begin(1, 10, threads: 1)
    tally.end(1, coreSeconds: 5, isSuccess: true)
    // 30 at half a core second each: 15 core seconds, by two workers.
    #expect(abs(tally.progress.secondsLeft! - 7.5) < 1e-12)
    // The last run has one thread and has hardly begun: two workers do not help it.
    tally.begin(2, 30, threads: 1)
    #expect(abs(tally.progress.secondsLeft! - 15) < 1e-12)
  }
}
