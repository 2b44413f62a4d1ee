import Foundation
import ODECore
import PluginKit
import Studies

/// Does what is left of a sweep: runs side by side on all cores, longest first. A run gets several threads only
/// when fewer runs than cores are left, or when memory allows fewer.
public struct SweepScheduler: Sendable {
  /// How the runs are done.
  public struct Options: Sendable {
    /// Runs at the same time.
    public var workers = ProcessInfo.processInfo.activeProcessorCount
    /// What ``workers`` may be.
    public static let workerRange = 1...1024
    /// Ends the sweep in order; it can be resumed.
    public var cancellation = Cancellation()
    /// Between checkpoints of a run, from which a sweep that was stopped goes on inside the run; shorter runs have none.
    public var checkpointInterval = Duration.seconds(60)
    /// Called about ten times a second from a thread of its own, and once at the end.
    public var progress: (@Sendable (SweepProgress) -> Void)?

    /// As many workers as there are cores.
    public init() {}
  }

  private let store: SweepStore
  private let runs: [Int: SweepRun]
  // Entries of a catalog are factories without state; runs take no part in changing it.
  private nonisolated(unsafe) let catalog: PluginCatalog
  private let options: Options
  private let me = ProcessIdentity.current()
  private let budget = MemoryBudget(bytes: WorkForecast.budget)
  private let tally: SweepTally

  /// - Parameter plan: the plan that `store` was opened with.
  /// - Throws: ``StoreError``.
  public init(
    _ store: SweepStore, _ plan: SweepPlan, _ catalog: PluginCatalog, _ options: Options = Options()
  ) throws {
    self.store = store
    self.catalog = catalog
    self.options = options
    let planned = Dictionary(uniqueKeysWithValues: plan.runs.map { ($0.id, $0) })
    runs = planned
    let rows = try store.rows()
    if let foreign = rows.first(where: { planned[$0.id] == nil }) {
      try StoreDamage.naming(store.folder) {
        throw StoreProblem(description: "it has a run \(foreign.id), which its definition does not have")
      }
    }
    tally = SweepTally(rows, workers: options.workers)
  }

  /// Returns when all runs of the store are done, also those that other processes do, or when cancelled.
  ///
  /// - Throws: what the store throws (a full disk, say); runs that fail are results.
  public func run() throws {
    let failure = FirstError()
    let ended = DispatchSemaphore(value: 0)
    let watch = watcher(ended)
    defer {
      ended.signal()
      watch.wait()
      try? store.releaseClaims(me)
      store.removeEmptyCheckpoints()
    }
    DispatchQueue.concurrentPerform(iterations: options.workers) { _ in
      do { try work(failure) } catch { failure.set(error) }
    }
    if let error = failure.error { throw error }
  }

  /// One worker.
  private func work(_ failure: FirstError) throws {
    while !options.cancellation.isCancelled, failure.error == nil {
      switch try store.claim(me) {
      case .finished: return
      case .wait:
        // Another worker here, or another process, is at the last runs; should it die, they fall to us.
        Thread.sleep(forTimeInterval: 0.2)
        tally.refresh(try store.counts(), try store.holders(me))
      case .run(let id):
        guard let run = runs[id] else { preconditionFailure("run \(id) is not in the plan") }
        try perform(run)
      }
    }
  }

  private func perform(_ run: SweepRun) throws {
    budget.acquire(run.memory)
    defer { budget.release(run.memory) }
    // This run is among those that remain.
    let abreast = min(options.workers, budget.capacity(run.memory), tally.remaining)
    let threads = options.workers / max(1, abreast)
    tally.begin(run.id, run.cost, threads: threads)
    defer { tally.abandon(run.id) }
    let began = ContinuousClock.now
    guard var output = try output(of: run, threads: threads) else { return }
    output.wallSeconds = (ContinuousClock.now - began) / .seconds(1)
    guard try store.finish(output, me) else { return }
    store.removeCheckpoints(of: run.id)
    let success = ReturnCode(rawValue: output.record.returnCode)?.isSuccess == true
    tally.end(run.id, coreSeconds: output.wallSeconds * Double(output.threads), isSuccess: success)
  }

  /// `nil` if the run was cancelled.
  private func output(of run: SweepRun, threads: Int) throws -> RunOutput? {
    var hooks = RunHooks()
    hooks.cancellation = options.cancellation
    hooks.checkpointInterval = options.checkpointInterval
    hooks.progress = { [tally] in tally.advance(run.id, to: $0.fraction) }
    let outcome: Run.Outcome
    do {
      var configuration = run.configuration
      // Results do not depend on it; whoever says how many knows why.
      configuration.threads = configuration.threads ?? threads
      outcome = try Run(configuration, catalog, checkpoints: store.checkpoints(of: run.id).path).run(hooks)
    } catch {
      return RunOutput(run.id, failure: "\(error)")
    }
    if outcome.summary.returnCode == .interrupted { return nil }
    return try RunOutput(run.id, outcome, store.definition.keep)
  }

  /// A thread that reports progress and renews the claims.
  private func watcher(_ ended: DispatchSemaphore) -> DispatchGroup {
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) {
      var renewed = Date()
      while ended.wait(timeout: .now() + 0.1) == .timedOut {
        options.progress?(tally.progress)
        if Date().timeIntervalSince(renewed) > SweepStore.lease / 6 {
          renewed = Date()
          try? store.renewClaims(me)
        }
      }
      options.progress?(tally.progress)
    }
    return group
  }
}

/// The first error of several threads.
private final class FirstError: @unchecked Sendable {
  private let lock = NSLock()
  private var first: (any Error)?

  var error: (any Error)? { lock.withLock { first } }
  func set(_ error: any Error) { lock.withLock { first = first ?? error } }
}
