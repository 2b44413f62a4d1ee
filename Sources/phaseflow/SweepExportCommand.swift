import ArgumentParser
import Studies
import Sweeps

struct SweepExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "All runs of a sweep as a table on standard output.",
    discussion: "Example:  phaseflow sweep export fig4 --csv > fig4.csv")

  @Argument(help: "The folder of a sweep.", completion: .directory)
  var store: String
  @Flag(help: "Comma-separated values: parameters, results, seconds.")
  var csv = false
  @Flag(help: "A JSON array, with all that the observers said.")
  var json = false

  func run() throws {
    guard csv != json else { throw UsageError("say how: --csv or --json") }
    let rows = try SweepStore(store).rows()
    try Console.show(csv ? SweepExport.csv(rows) : try SweepExport.json(rows), terminator: "")
  }
}
