import ArgumentParser
import Foundation
import ODECore
import Studies

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Integrates one flow from its start to a stop.",
    discussion: """
      Without --stop-loss and --t-end a run stops where the data's own authors stop, or at 1e-4 of the
      initial loss. With both, whichever comes first ends it.

      Example:  phaseflow run --data four-points --gamma 0.5 --asi --out lazy
      """)

  @OptionGroup var options: RunOptions
  @Option(help: "A new folder for the results and pictures.", completion: .directory)
  var out: String?
  @Option(help: "Go on with the run in this folder, which was killed or interrupted.", completion: .directory)
  var resume: String?
  @Flag(help: "Print exactly one JSON object on standard output.")
  var json = false
  @Flag(help: "No progress, no summary.")
  var quiet = false
  @Option(help: .init("Seconds between checkpoints of a run with --out.", valueName: "seconds"))
  var checkpointInterval = 10.0

  func run() throws {
    let run: Run
    if let resume {
      guard out == nil, options.file == nil, try options.configuration() == RunConfiguration() else {
        throw UsageError(
          "--resume takes its configuration and folder from the run itself; leave other flags out")
      }
      run = try Run(resuming: resume) { try makeCatalog(libraries: $0.plugin) }
    } else {
      let configuration = try options.configuration()
      run = try Run(configuration, makeCatalog(libraries: configuration.plugin), out: out)
    }
    guard checkpointInterval > 0 else {
      throw UsageError("--checkpoint-interval is \(checkpointInterval); it must be positive")
    }
    let meter = quiet ? nil : ProgressMeter()
    var hooks = RunHooks()
    let interrupts = InterruptHandler()
    hooks.cancellation = interrupts.cancellation
    hooks.checkpointInterval = .seconds(checkpointInterval)
    if let meter {
      hooks.progress = { meter.show($0) }
      hooks.progressInterval = meter.interval
    }
    let outcome = try run.run(hooks)
    meter?.clear()
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

  private func reportFailure(_ outcome: Run.Outcome) {
    let kept = outcome.folder.map { "; what it had is in \($0.path)" } ?? ""
    let resumable =
      outcome.summary.returnCode == .interrupted && outcome.folder != nil
      ? "; go on with 'phaseflow run --resume \(outcome.folder!.relativePath)'" : ""
    let line =
      "the run ended early (\(outcome.summary.returnCode.rawValue)): \(outcome.summary.message)\(kept)\(resumable)\n"
    FileHandle.standardError.write(Data(line.utf8))
  }
}
