import ArgumentParser
import Foundation
import PluginKit
import Studies
import Sweeps

struct SweepStartCommand: DrawingCommand {
  static let configuration = CommandConfiguration(
    commandName: "start",
    abstract: "Starts a sweep, or resumes one that was stopped.",
    discussion: """
      Exit codes: 0 done, 1 some runs failed (--retry-failed repeats them), 2 wrong usage, 130 interrupted.
      """)

  @OptionGroup var choice: SweepChoice
  @Option(help: "The folder of the sweep's store; created if needed.", completion: .directory)
  var out: String
  @Option(help: "Do only part I of N, to be merged later: I/N.")
  var shard: String?
  @Flag(
    help:
      "Add the definition's new runs to the store of a smaller sweep: gamma, gamma-prime, width, seed and other axes may gain values."
  )
  var extend = false
  @Flag(
    help: "Report how many runs are left, how much memory and about how much time they need; do none of them."
  )
  var dryRun = false
  @Flag(help: "Repeat the failed runs.")
  var retryFailed = false
  @Option(help: "Number of simultaneous runs; default: the number of cores.")
  var workers: Int?
  @Option(help: .init("Seconds between checkpoints of runs that last longer.", valueName: "seconds"))
  var checkpointInterval = 60.0
  @Flag(help: "Print exactly one JSON object on standard output.")
  var json = false
  @Flag(help: "No progress, no summary.")
  var quiet = false
  @OptionGroup var meterOptions: ProgressOptions
  @OptionGroup var figures: FigureOptions

  func run() throws {
    let definition = try choice.definition()
    let catalog = try makeCatalog(libraries: definition.base.plugin)
    var options = SweepScheduler.Options()
    if let workers {
      let range = SweepScheduler.Options.workerRange
      guard range.contains(workers) else {
        throw UsageError(
          "--workers is \(workers); it must be from \(range.lowerBound) to \(range.upperBound)")
      }
      options.workers = workers
    }
    guard checkpointInterval > 0, checkpointInterval.isFinite else {
      throw UsageError("--checkpoint-interval is \(checkpointInterval); it must be positive and finite")
    }
    options.checkpointInterval = .seconds(checkpointInterval)
    let plan = try SweepPlan(definition, catalog)
    if extend, shard != nil { throw UsageError("--extend is for whole sweeps; leave out --shard") }
    let part = try shard.map { try Shard($0) } ?? .whole
    if dryRun {
      InterruptHandler.listen()
      let forecast = try interruptible {
        try plan.forecast(
          in: out, shard: part, extends: extend, workers: options.workers, catalog,
          cancellation: InterruptHandler.cancellation)
      }
      return try Console.show(json ? forecast.json : forecast.text)
    }
    let store = try extend ? SweepStore(extending: out, plan) : SweepStore(out, plan, shard: part)
    if retryFailed { try store.forgetFailures() }
    InterruptHandler.listen()
    let meter = quiet ? nil : ProgressMeter(meterOptions.progress)
    options.cancellation = InterruptHandler.cancellation
    if let meter { options.progress = { meter.show($0) } }
    try SweepScheduler(store, plan, catalog, options).run()
    meter?.clear()
    let isInterrupted = InterruptHandler.cancellation.isCancelled
    let pictures = isInterrupted ? [] : draw(store, catalog)
    try finish(SweepSummary(store), pictures, isInterrupted)
  }

  /// Runs that took hours are not spoilt by a missing gnuplot.
  private func draw(_ store: SweepStore, _ catalog: PluginCatalog) -> [URL] {
    guard store.shard == Shard.whole.description else { return [] }
    do {
      return try SweepFigures(store, catalog).draw()
    } catch {
      complain("no pictures: \(error)")
      return []
    }
  }

  private func finish(_ summary: SweepSummary, _ pictures: [URL], _ isInterrupted: Bool) throws {
    if json {
      try Console.show(summary.json)
    } else if !quiet {
      try Console.show(summary.text)
      for picture in pictures { try Console.show("  picture    \(picture.path)") }
    }
    if isInterrupted {
      if !quiet { complain("interrupted; the same command goes on") }
      throw ExitCode(130)
    }
    if !summary.failures.isEmpty { throw ExitCode(1) }
  }

  private func complain(_ text: String) { Console.say(text) }
}
