import ArgumentParser
import Foundation
import ODECore
import Studies

struct RunCommand: DrawingCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Integrates the flow of one network, or one ODE, until it stops.",
    discussion: """
      Without --stop-loss and --t-end a network's run stops where the data's own authors stop, or at 1e-4 of the \
      initial loss. With both, the run ends at whichever comes first.

      Example:  phaseflow run --data four-points --gamma 0.5 --asi --out lazy
                phaseflow run --system ./libLorenz.so --t-end 100 --out lorenz
      """)

  @OptionGroup var options: RunOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var meterOptions: ProgressOptions
  @OptionGroup var figures: FigureOptions
  @Option(help: "Resume the run in this folder, which was killed or interrupted.", completion: .directory)
  var resume: String?
  @Flag(help: "With --resume: start again from the beginning.")
  var startOver = false
  @Flag(
    help:
      "Report how much memory the run needs and about how long it takes; write nothing."
  )
  var dryRun = false
  @Option(help: .init("Seconds between checkpoints of a run with --out.", valueName: "seconds"))
  var checkpointInterval = 10.0

  /// Durations count in whole attoseconds.
  private static let longestInterval = 1e9

  func run() throws {
    guard checkpointInterval > 0, checkpointInterval <= Self.longestInterval else {
      throw UsageError(
        "--checkpoint-interval is \(checkpointInterval); it must be positive and at most \(Self.longestInterval) seconds"
      )
    }
    if dryRun { return try forecast() }
    if let resume, !startOver, OutputFolder.isComplete(resume) { return try drawAgain(resume) }
    let meter = output.quiet ? nil : ProgressMeter(meterOptions.progress)
    var hooks = RunHooks()
    InterruptHandler.listen()
    hooks.cancellation = InterruptHandler.cancellation
    hooks.checkpointInterval = .seconds(checkpointInterval)
    if let meter {
      hooks.progress = { meter.show($0) }
      hooks.progressInterval = meter.interval
    }
    do {
      defer { meter?.clear() }
      let run = try makeRun()
      for key in ["rtol", "atol"]
      where options.flags.gives(key) && !run.experiment.integrator.isAdaptive && !output.quiet {
        say("--\(key) has no effect: \(run.experiment.integrator.name) takes steps of one size, see --step")
      }
      if resume != nil, run.startsOver, !startOver, !output.quiet {
        say("there is no checkpoint yet; the run starts over")
      }
      let outcome = try run.run(hooks)
      meter?.clear()
      try report(outcome)
    } catch let error as UnfinishedRun {
      // Its folder is no result; the error says what is in it.
      if let summary = error.summary, output.json { try Console.show(summary.json) }
      throw error
    }
  }

  private func forecast() throws {
    guard resume == nil else {
      throw UsageError("--dry-run is for a run that has not begun; leave out --resume")
    }
    InterruptHandler.listen()
    let configuration = try options.configuration()
    let catalog = try makeCatalog(libraries: configuration.plugin)
    _ = try output.out.map { try OutputFolder(new: $0) }
    let forecast = try interruptible {
      try Run.forecast(configuration, catalog, cancellation: InterruptHandler.cancellation)
    }
    try Console.show(output.json ? forecast.json : forecast.text)
  }

  /// A run that was killed while its pictures were drawn: its results are there.
  private func drawAgain(_ path: String) throws {
    let folder = URL(filePath: path)
    let run = try FinishedRun(folder, makeCatalog(libraries: RunOverview.plugins(of: folder)))
    if !output.quiet { Console.say("the run is complete; its pictures are drawn again") }
    let pictures = try run.draw(in: folder, warn: Console.say)
    if !output.quiet, !output.json { try Console.show(pictures.map(\.path).joined(separator: "\n")) }
  }

  private func makeRun() throws -> Run {
    guard let resume else {
      if startOver { throw UsageError("--start-over belongs to --resume DIR") }
      let configuration = try options.configuration()
      return try Run(configuration, makeCatalog(libraries: configuration.plugin), out: output.out)
    }
    guard output.out == nil, options.file == nil, options.flags.isDefault else {
      throw UsageError(
        "--resume takes its configuration and folder from the run itself; leave other flags out")
    }
    return try Run(resuming: resume, anew: startOver) { try makeCatalog(libraries: $0.plugin) }
  }

  private func say(_ line: String) { Console.say(line) }

  private func report(_ outcome: Run.Outcome) throws {
    let summary = outcome.summary
    if output.json {
      try Console.show(summary.json)
    } else if !output.quiet {
      try Console.show(SummaryText(outcome).text)
    }
    if summary.returnCode.isSuccess { return }
    let kept = outcome.folder.map { "; what it had is in \($0.path)" } ?? ""
    let resumable =
      summary.returnCode == .interrupted && outcome.folder != nil
      ? "; go on with 'phaseflow run --resume \(outcome.folder!.relativePath)'" : ""
    say("the run ended early (\(summary.returnCode.rawValue)): \(summary.message)\(kept)\(resumable)")
    throw ExitCode(summary.exitCode)
  }
}
