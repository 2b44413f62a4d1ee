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
                phaseflow run --system ./libLorenz.so --t-end 100 --out lorenz
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
    let meter = quiet ? nil : ProgressMeter()
    var hooks = RunHooks()
    let interrupts = InterruptHandler()
    hooks.cancellation = interrupts.cancellation
    hooks.checkpointInterval = .seconds(checkpointInterval)
    if let meter {
      hooks.progress = { meter.show($0) }
      hooks.progressInterval = meter.interval
    }
    do {
      defer { meter?.clear() }
      if let system = try systemRun() {
        tellIfAnew(system.startsOver)
        let outcome = try system.run(hooks)
        let s = outcome.summary
        meter?.clear()
        try report(
          s.json, SystemSummaryText(outcome).text, s.returnCode, s.message, outcome.folder, s.exitCode)
      } else {
        let run = try networkRun()
        tellIfAnew(run.startsOver)
        let outcome = try run.run(hooks)
        let s = outcome.summary
        meter?.clear()
        try report(s.json, SummaryText(outcome).text, s.returnCode, s.message, outcome.folder, s.exitCode)
      }
    } catch let error as UnfinishedRun {
      // Its folder is no result; the error says what is in it.
      if let summary = error.summary, json { print(try summary.json) }
      throw error
    }
  }

  private func tellIfAnew(_ startsOver: Bool) {
    if resume != nil, startsOver, !startOver, !quiet {
      say("there is no checkpoint yet; the run starts over")
    }
  }

  private func networkRun() throws -> Run {
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

  /// `nil` if it is a network's.
  private func systemRun() throws -> SystemRun? {
    if let resume, options.system == nil, options.file == nil, out == nil, SystemRun.isKept(in: resume) {
      guard try options.configuration() == RunConfiguration() else {
        throw UsageError(
          "--resume takes its configuration and folder from the run itself; leave other flags out")
      }
      return try SystemRun(resuming: resume, anew: startOver) { try makeCatalog(libraries: $0.plugin) }
    }
    guard let configuration = try options.systemConfiguration() else { return nil }
    guard resume == nil else {
      throw UsageError(
        "--resume takes its configuration and folder from the run itself; leave other flags out")
    }
    return try SystemRun(configuration, makeCatalog(libraries: configuration.plugin), out: out)
  }

  private func report(
    _ object: String, _ text: String, _ code: ReturnCode, _ message: String, _ folder: URL?,
    _ exitCode: Int32
  ) throws {
    if json {
      print(object)
    } else if !quiet {
      print(text)
    }
    if code.isSuccess { return }
    let kept = folder.map { "; what it had is in \($0.path)" } ?? ""
    let resumable =
      code == .interrupted && folder != nil
      ? "; go on with 'phaseflow run --resume \(folder!.relativePath)'" : ""
    let line = "the run ended early (\(code.rawValue)): \(message)\(kept)\(resumable)"
    say(line)
    throw ExitCode(exitCode)
  }
}
