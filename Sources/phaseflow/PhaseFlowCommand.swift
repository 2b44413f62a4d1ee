import ArgumentParser
import Figures
import Foundation
import Logging
import PluginKit
import SourceRevision
import Studies

@main
struct PhaseFlowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "phaseflow",
    abstract: "Integrates the gradient flow of neural networks, or your own ODE, observes it and draws it.",
    discussion: """
      Start with:  phaseflow run --data four-points --gamma 1.75 --out my-run
      Then look at my-run/*.png and my-run/summary.json.

      Exit codes: 0 done, 1 the run failed (what it had is kept), 2 wrong usage or input (nothing \
      written), 130 interrupted (resume with 'phaseflow run --resume DIR').
      """,
    version: phaseFlowVersion,
    subcommands: [
      RunCommand.self, CompareCommand.self, SweepCommand.self, ValidateCommand.self, PlotCommand.self,
      ExportCommand.self, WatchCommand.self,
      InitializationsCommand.self, PluginsCommand.self, SystemsCommand.self, SchemaCommand.self,
    ])

  static func main() {
    LoggingSystem.bootstrap { label in
      var handler = StreamLogHandler.standardError(label: label)
      handler.logLevel = .warning
      return handler
    }
    InterruptHandler.install()
    Provenance.sourceRevision = sourceRevision
    PluginGuard.catchCrashes(report: { Console.say("warning: \($0)") })
    do {
      var command = try parseAsRoot()
      if let drawing = command as? any DrawingCommand {
        try FigureStyle.$current.withValue(drawing.figures.style) { try command.run() }
      } else {
        try command.run()
      }
      if PluginGuard.hasLateCrash { throw ExitCode(1) }
    } catch {
      finish(with: error)
    }
  }

  /// Prints `error` and exits: help and version with 0, whatever a user can mend with 2.
  private static func finish(with error: any Error) -> Never {
    if let exit = error as? ExitCode { Foundation.exit(exit.rawValue) }
    let code = exitCode(for: error)
    let text = fullMessage(for: error)
    if code.isSuccess {
      do { try Console.show(text) } catch { finish(with: error) }
      Foundation.exit(0)
    }
    let isParserError = code == .validationFailure
    Console.say(isParserError ? text : "error: \(error)")
    Foundation.exit(isParserError || isUsageError(error) ? 2 : 1)
  }
}
