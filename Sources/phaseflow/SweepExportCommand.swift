import ArgumentParser
import Studies
import Sweeps

struct SweepExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Prints all runs of a sweep as a table.",
    discussion: "Example:  phaseflow sweep export fig4 --csv > fig4.csv")

  @Argument(help: "The folder of a sweep.", completion: .directory)
  var store: String
  @Flag(help: "Comma-separated values: parameters, results, seconds.")
  var csv = false
  @Flag(help: "A JSON array, including all results of the observers.")
  var json = false

  func run() throws {
    guard csv != json else { throw UsageError("choose a format: --csv or --json") }
    let rows = try SweepStore(store).rows()
    try Console.show(csv ? SweepExport.csv(rows) : try SweepExport.json(rows), terminator: "")
  }
}
