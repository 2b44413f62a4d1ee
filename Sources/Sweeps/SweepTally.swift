import Foundation
import UntrustedNumbers

/// How far a sweep is.
public struct SweepProgress: Sendable, Equatable {
  /// How many runs there are.
  public var total = 0
  /// How many of them are done.
  public var done = 0
  /// How many of these failed.
  public var failed = 0
  /// Runs that this process is at.
  public var running = 0
  /// Runs that other processes are at, while this one has nothing else to do.
  public var others = 0
  /// Which these are: `process 4711 on node3, last seen 12 s ago`; empty if nobody has claimed a run.
  public var holders: [String] = []
  /// From 0 to 1, by cost; runs that are under way count as far as they have come.
  public var fraction = 0.0
  /// Seconds to the end, from what the runs so far took for their cost; `nil` before there is anything to judge by.
  public var secondsLeft: Double?
}

/// Counts what is done, from several threads.
final class SweepTally: @unchecked Sendable {
  private let lock = NSLock()
  private var state = SweepProgress()
  private var costLeft: Double
  private let costTotal: Double
  private let workers: Double
  /// Core seconds and the cost of the runs that took them.
  private var measured = (seconds: 0.0, cost: 0.0)
  private var inFlight: [Int: Underway] = [:]

  private struct Underway {
    let since = Date()
    let cost: Double
    let threads: Int
    /// Of the way to its end, as the run itself judges.
    var fraction = 0.0
    var coreSeconds: Double { -since.timeIntervalSinceNow * Double(threads) }
  }

  /// - Parameter rows: every run of the store, with its result if it is done.
  init(_ rows: [SweepRow], workers: Int) {
    self.workers = Double(workers)
    costTotal = rows.reduce(0) { $0 + $1.cost }
    costLeft = rows.reduce(0) { $0 + ($1.result == nil ? $1.cost : 0) }
    state.total = rows.count
    state.done = rows.count { $0.result != nil }
    state.failed = rows.count { $0.result?.isSuccess == false }
    for row in rows {
      if let seconds = row.coreSeconds, seconds > 0 { measure(seconds, row.cost) }
    }
  }

  /// Runs not yet begun, as far as this process knows.
  var remaining: Int { lock.withLock { state.total - state.done - inFlight.count } }

  func begin(_ run: Int, _ cost: Double, threads: Int) {
    lock.withLock { inFlight[run] = Underway(cost: cost, threads: threads) }
  }

  func advance(_ run: Int, to fraction: Double) { lock.withLock { inFlight[run]?.fraction = fraction } }

  func abandon(_ run: Int) { lock.withLock { inFlight[run] = nil } }

  func end(_ run: Int, coreSeconds: Double, isSuccess: Bool) {
    lock.withLock {
      guard let cost = inFlight.removeValue(forKey: run)?.cost else { return }
      state.done += 1
      if !isSuccess { state.failed += 1 }
      costLeft -= cost
      measure(coreSeconds, cost)
    }
  }

  /// What other processes have done meanwhile.
  func refresh(_ counts: SweepStore.Counts, _ holders: [SweepStore.Holder] = []) {
    lock.withLock {
      (state.done, state.failed, costLeft) = (counts.done, counts.failed, counts.costLeft)
      state.holders = holders.map { holder in
        let age = Int(saturating: max(0, -holder.heartbeat.timeIntervalSinceNow))
        return "process \(holder.pid) on \(holder.host), last seen \(age) s ago"
      }
      state.others = max(0, state.total - state.done - inFlight.count)
    }
  }

  var progress: SweepProgress {
    lock.withLock {
      var now = state
      now.running = inFlight.count
      let left = costLeft - inFlight.values.reduce(0) { $0 + $1.cost * $1.fraction }
      now.fraction = costTotal > 0 ? min(1, max(0, 1 - left / costTotal)) : 1
      // A run that has hardly begun says nothing about its speed.
      let known = inFlight.values.filter { $0.fraction > 0.1 }
      let cost = measured.cost + known.reduce(0) { $0 + $1.cost * $1.fraction }
      guard cost > 0 else { return now }
      let seconds = measured.seconds + known.reduce(0) { $0 + $1.coreSeconds }
      let threads = Double(inFlight.values.reduce(0) { $0 + $1.threads })
      let atWork = state.total - state.done > inFlight.count ? workers : max(1, threads)
      now.secondsLeft = max(0, left * seconds / cost / atWork)
      return now
    }
  }

  private func measure(_ seconds: Double, _ cost: Double) {
    measured.seconds += seconds
    measured.cost += cost
  }
}
