import Dispatch
import Foundation
import ODECore
import PluginKit
import Studies
import Synchronization

/// Does runs, each configuration once, several at the same time. What a run gives depends on its configuration only.
///
/// Used from one thread; the threads of its own share nothing but the catalog, whose factories make new objects.
final class RunPool {
  private let catalog: PluginCatalog
  private let threads: Int
  private let cancellation: Cancellation?
  private var results: [RunConfiguration: TrainingRun] = [:]
  /// Where runs are kept, and looked for before they are done.
  var storage: RunStorage?

  init(_ catalog: PluginCatalog, threads: Int?, cancellation: Cancellation?) {
    self.catalog = catalog
    self.threads = threads ?? ProcessInfo.processInfo.activeProcessorCount
    self.cancellation = cancellation
  }

  /// How many runs have been done.
  var count: Int { results.count }
  /// How many of them did not get to their stop.
  var incomplete: Int { results.values.count { !$0.isComplete } }

  var isCancelled: Bool { cancellation?.isCancelled == true }

  /// The result of one run, done now if it has not been.
  func result(_ configuration: RunConfiguration) throws -> TrainingRun {
    if let known = results[configuration] { return known }
    let run = try storage?.read(configuration) ?? execute(configuration)
    results[configuration] = run
    return run
  }

  /// Does those of `configurations` that have not been done, the largest first.
  ///
  /// - Parameter report: told of each run as it ends; the share of the work that is done, from 0 to 1. Calls come one
  ///   at a time, on any thread.
  func prepare(_ configurations: [RunConfiguration], report: (Double, RunConfiguration) -> Void) throws {
    var seen = Set(results.keys)
    let wanted = configurations.filter { seen.insert($0).inserted }
    for configuration in wanted { results[configuration] = storage?.read(configuration) }
    let missing = wanted.filter { results[$0] == nil }.sorted { $0.widest > $1.widest }
    let work = Double(missing.reduce(0) { $0 + $1.widest })
    let next = Atomic<Int>(0)
    let outcome = Mutex(Outcome())
    nonisolated(unsafe) let (pool, report) = (self, report)
    DispatchQueue.concurrentPerform(iterations: min(threads, missing.count)) { _ in
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < missing.count, outcome.withLock({ $0.error == nil }) else { return }
        let result = Result { try pool.execute(missing[index]) }
        outcome.withLock { outcome in
          switch result {
          case .success(let run):
            outcome.runs[missing[index]] = run
            outcome.work += Double(missing[index].widest)
            report(outcome.work / work, missing[index])
          // The first in order, so that the message does not depend on the threads.
          case .failure(let error) where index < outcome.failedAt:
            (outcome.error, outcome.failedAt) = (error, index)
          case .failure: break
          }
        }
      }
    }
    let done = outcome.withLock { $0 }
    if let error = done.error { throw error }
    results.merge(done.runs) { old, _ in old }
  }

  /// What `runs`, the rest of `total`, are going to take.
  func forecast(_ runs: Set<RunConfiguration>, of total: Int) throws -> WorkForecast {
    // Memory grows with the width: one run of each width tells.
    var memory: [Int: Double] = [:]
    let items = try runs.sorted { ($0.widest, $0.seed) < ($1.widest, $1.seed) }.map { run in
      let bytes = try memory[run.widest] ?? Experiment(run, catalog).estimatedMemory
      memory[run.widest] = bytes
      return WorkForecast.Item(run, cost: Double(run.widest), memory: bytes)
    }
    return try WorkForecast(
      items, done: total - runs.count, workers: threads, catalog, cancellation: cancellation)
  }

  private struct Outcome: Sendable {
    var runs: [RunConfiguration: TrainingRun] = [:]
    var work = 0.0
    var error: (any Error)?
    var failedAt = Int.max
  }

  private func execute(_ configuration: RunConfiguration) throws -> TrainingRun {
    if isCancelled { throw CancellationError() }
    var hooks = RunHooks()
    hooks.cancellation = cancellation
    let outcome = try Run(configuration, catalog, out: nil).run(hooks)
    if outcome.summary.returnCode == .interrupted { throw CancellationError() }
    let run = try TrainingRun(outcome)
    try storage?.write(run, of: configuration)
    return run
  }
}

extension RunConfiguration {
  /// `m`: that of the widest hidden layer.
  var widest: Int { self.hidden.max() ?? self.width }
}
