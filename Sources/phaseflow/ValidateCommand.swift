import ArgumentParser
import Foundation
import Studies
import Validation

struct ValidateCommand: DrawingCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate",
    abstract: "Checks the theory's statements on runs: a verdict, numbers and pictures for each.",
    discussion: """
      Each statement is judged on the runs that meet its conditions; --list shows all statements. There is one run \
      for each point (gamma, gamma'), width and seed, shared by the statements that need it.

      Exit codes: 0 nothing fails, 1 a statement that should hold fails, 2 wrong usage (nothing written), \
      130 interrupted. Run the same command again to resume a validation with --out; finished runs are not repeated.

      Example:  phaseflow validate --data four-points --out theory
                phaseflow validate --statement theorem-6d,theorem-8 \\
                  --widths 1000,4000,16000 --seeds 5
      """)

  @OptionGroup var options: ValidateOptions
  @Option(help: "A new folder for report.md, report.json and pictures.", completion: .directory)
  var out: String?
  @Flag(help: "Print exactly one JSON object on standard output.")
  var json = false
  @Flag(help: "No progress, no table.")
  var quiet = false
  @Flag(
    help:
      "Report how many runs there are, how much memory and about how much time they need; do none of them.")
  var dryRun = false
  @Flag(help: "List the statements and exit.")
  var list = false
  @OptionGroup var figures: FigureOptions

  func run() throws {
    if list { return try Console.show(Self.listing) }
    let settings = try options.settings()
    let folder = try out.map { try ValidationFolder($0) }
    InterruptHandler.listen()
    let validation = try Validator(
      settings, makeCatalog(libraries: settings.plugin), cancellation: InterruptHandler.cancellation)
    if dryRun {
      let forecast = try interruptible { try validation.forecast(keeping: folder?.runs) }
      return try Console.show(json ? forecast.json : forecast.text)
    }
    try folder?.create(for: validation.identity)
    let meter = quiet ? nil : ProgressMeter()
    let report: ValidationReport
    do {
      report = try validation.run(keeping: folder?.runs) { meter?.show($0.fraction, $0.activity) }
    } catch {
      meter?.clear()
      let isBegun = folder?.discardUnlessBegun() == true
      guard error is CancellationError else { throw error }
      Console.say(
        isBegun
          ? "interrupted; the runs that were done are kept in '\(folder!.working.path)', and the same command goes on"
          : "interrupted; nothing was written")
      throw ExitCode(130)
    }
    meter?.clear()
    let file = try folder?.write(report)
    if json {
      try Console.show(report.json)
    } else if !quiet {
      try Console.show(report.text)
      try Console.show(
        file.map { "report: \($0.path)" } ?? "not kept; --out DIR writes the report and pictures")
    }
    if !report.isSound { throw ExitCode(1) }
  }

  private static var listing: String {
    Statements.all.map { statement in
      "\(statement.identifier)\n  \(statement.title)\n  \(statement.reference)\n  where: \(statement.conditions)"
    }.joined(separator: "\n")
  }
}
