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
                phaseflow run --system ./libLorenz.so --t-end 100 --out lorenz
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
    if let system = try systemRun() {
      let outcome = try system.run(hooks)
      meter?.clear()
      let s = outcome.summary
      try report(
        s.json, SystemSummaryText(outcome).text, s.returnCode, s.message, outcome.folder, s.exitCode)
    } else {
      let outcome = try networkRun().run(hooks)
      meter?.clear()
      let s = outcome.summary
      try report(s.json, SummaryText(outcome).text, s.returnCode, s.message, outcome.folder, s.exitCode)
    }
  }

  private func networkRun() throws -> Run {
    guard let resume else {
      let configuration = try options.configuration()
      return try Run(configuration, makeCatalog(libraries: configuration.plugin), out: out)
    }
    guard out == nil, options.file == nil, try options.configuration() == RunConfiguration() else {
      throw UsageError(
        "--resume takes its configuration and folder from the run itself; leave other flags out")
    }
    return try Run(resuming: resume) { try makeCatalog(libraries: $0.plugin) }
  }

  /// `nil` if it is a network's.
  private func systemRun() throws -> SystemRun? {
    if let resume, options.system == nil, options.file == nil, out == nil, SystemRun.isKept(in: resume) {
      guard try options.configuration() == RunConfiguration() else {
        throw UsageError(
          "--resume takes its configuration and folder from the run itself; leave other flags out")
      }
      return try SystemRun(resuming: resume) { try makeCatalog(libraries: $0.plugin) }
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
    let line = "the run ended early (\(code.rawValue)): \(message)\(kept)\(resumable)\n"
    FileHandle.standardError.write(Data(line.utf8))
    throw ExitCode(exitCode)
  }
}
