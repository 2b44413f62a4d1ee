import ArgumentParser
import Foundation
import ODECore
import PluginKit
import Studies

struct CompareCommand: DrawingCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Runs several integrators and tolerances on one problem: a work-precision diagram.",
    discussion: """
      Errors are measured in RD_w at the end and in f at the data along the way (for a system: in its components). \
      The reference is a given state, or else the best of radau and dop853 (system), or of kink-aware and \
      dormand-prince (flow), at a tenth of the smallest tolerance; its own error is estimated. Fixed-step methods \
      halve their step in place of the tolerance. Short runs are repeated, and the median time is reported.
      Each result is kept as soon as it is there: --resume continues, also with further integrators.

      Example:  phaseflow compare --data bench-points --gamma 0.5 \\
                  --integrators dormand-prince,cvode-adams \\
                  --rtols 1e-3,1e-4,1e-5 --out wp
                phaseflow compare --system robertson --t-end 40 --record geometric:5 \\
                  --integrators cvode-bdf,rkc --rtols 1e-4,1e-6 --out rober
      """)

  @OptionGroup var options: RunOptions
  @Option(help: "Integrators, separated by commas; default: dormand-prince,cvode-adams.")
  var integrators: String?
  @Option(help: "Relative tolerances, separated by commas; atol keeps its ratio to rtol.")
  var rtols = "1e-3,1e-4,1e-5"
  @Option(help: "The true state at --t-end, an .npy file.", completion: .file(extensions: ["npy"]))
  var reference: String?
  @Option(help: "Resume the comparison in this folder; --integrators adds to it.")
  var resume: String?
  @OptionGroup var output: OutputOptions
  @OptionGroup var figures: FigureOptions

  func run() throws {
    let tolerances = rtols.split(separator: ",").map { Double($0) }
    guard !tolerances.contains(nil) else {
      throw UsageError("--rtols is '\(rtols)'; it must be numbers separated by commas")
    }
    for key in ["observe", "record-neurons", "record-components", "integrator"]
    where options.flags.gives(key) {
      throw UsageError(
        "--\(key) belongs to one run; compare takes --integrators and --rtols, and observes nothing")
    }
    InterruptHandler.listen()
    let study: ComparisonStudy
    if let resume {
      if output.out != nil { throw UsageError("--resume names the folder; leave --out out") }
      study = try ComparisonStudy(resuming: resume, adding: integrators.map(PluginSpecification.split) ?? [])
    } else {
      let comparison = try Comparison(
        options.configuration(),
        integrators: PluginSpecification.split(integrators ?? "dormand-prince,cvode-adams"),
        rtols: tolerances.map { $0! }, reference: reference)
      study = try ComparisonStudy(comparison, out: output.out)
    }
    do {
      let result = try study.run(
        makeCatalog(libraries: study.libraries), cancellation: InterruptHandler.cancellation
      ) { line in
        if !output.quiet { Console.say(line) }
      }
      if output.json {
        try Console.show(result.outcome.json)
      } else if !output.quiet {
        // Somebody who has watched the lines come need not read them twice.
        let isWatched = isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
        try Console.show(
          [isWatched ? "" : result.table, result.remarks].filter { !$0.isEmpty }.joined(separator: "\n"))
      }
    } catch is ReferenceFailure where InterruptHandler.cancellation.isCancelled {
      throw ExitCode(130)
    }
    if InterruptHandler.cancellation.isCancelled { throw ExitCode(130) }
    // A method that could not finish is a result of the comparison, not a failure of it.
  }
}
