import ArgumentParser

struct SweepCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sweep",
    abstract: "Scans a phase diagram: many runs over gamma, gamma', widths and seeds.",
    discussion: """
      Without a subcommand it starts or resumes a sweep.

      Example:  phaseflow sweep figure-4 --quick --out fig4
                phaseflow sweep my-grid.yaml --out grid
                phaseflow sweep show fig4 17
                phaseflow sweep report fig4
      """,
    subcommands: [
      SweepStartCommand.self, SweepShowCommand.self, SweepExportCommand.self, SweepMergeCommand.self,
      SweepSubmitCommand.self, SweepReportCommand.self,
    ],
    defaultSubcommand: SweepStartCommand.self)
}
