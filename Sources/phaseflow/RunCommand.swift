import ArgumentParser
import Foundation
import ODECore
import Studies

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Integrates one flow from its start to a stop.",
    discussion: """
      Without --stop-loss and --t-end a run stops where the data's own authors stop, or at 1e-4 of the \
      initial loss. With both, whichever comes first ends it.

      Example:  phaseflow run --data four-points --gamma 0.5 --asi --out lazy
      """)

  @OptionGroup var options: RunOptions
  @Option(help: "A new folder for the results and pictures.", completion: .directory)
  var out: String?
  @Option(help: "Go on with the run in this folder, which was killed or interrupted.", completion: .directory)
  var resume: String?
  @Flag(help: "With --resume: begin at the start again, whatever was reached.")
  var startOver = false
  @Flag(help: "Print exactly one JSON object on standard output.")
  var json = false
  @Flag(help: "No progress, no summary.")
  var quiet = false
  @Option(help: .init("Seconds between checkpoints of a run with --out.", valueName: "seconds"))
  var checkpointInterval = 10.0

  func run() throws {
    guard checkpointInterval > 0, checkpointInterval.isFinite else {
      throw UsageError("--checkpoint-interval is \(checkpointInterval); it must be positive and finite")
    }
    let run = try makeRun()
    if run.startsOver, !startOver, !quiet { say("there is no checkpoint yet; the run starts over") }
    let meter = quiet ? nil : ProgressMeter()
    var hooks = RunHooks()
    let interrupts = InterruptHandler()
    hooks.cancellation = interrupts.cancellation
    hooks.checkpointInterval = .seconds(checkpointInterval)
    if let meter {
      hooks.progress = { meter.show($0) }
      hooks.progressInterval = meter.interval
    }
    let outcome: Run.Outcome
    do {
      defer { meter?.clear() }
      outcome = try run.run(hooks)
    } catch let error as UnfinishedRun {
      // Its folder is no result; the error says what is in it.
      if let summary = error.summary, json { print(try summary.json) }
      throw error
    }
    if json {
      print(try outcome.summary.json)
    } else if !quiet {
      print(SummaryText(outcome).text)
    }
    if !outcome.summary.returnCode.isSuccess {
      reportFailure(outcome)
      throw ExitCode(outcome.summary.exitCode)
    }
  }

  private func makeRun() throws -> Run {
    guard let resume else {
      if startOver { throw UsageError("--start-over belongs to --resume DIR") }
      let configuration = try options.configuration()
      return try Run(configuration, makeCatalog(libraries: configuration.plugin), out: out)
    }
    guard out == nil, options.file == nil, try options.configuration() == RunConfiguration() else {
      throw UsageError(
        "--resume takes its configuration and folder from the run itself; leave other flags out")
    }
    return try Run(resuming: resume, anew: startOver) { try makeCatalog(libraries: $0.plugin) }
  }

  private func say(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  private func reportFailure(_ outcome: Run.Outcome) {
    let kept = outcome.folder.map { "; what it had is in \($0.path)" } ?? ""
    let resumable =
      outcome.summary.returnCode == .interrupted && outcome.folder != nil
      ? "; go on with 'phaseflow run --resume \(outcome.folder!.relativePath)'" : ""
    let line =
      "the run ended early (\(outcome.summary.returnCode.rawValue)): \(outcome.summary.message)\(kept)\(resumable)"
    say(line)
  }
}
