import ArgumentParser
import Studies
import Sweeps

struct SweepShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Prints one run of a sweep: its result, and the 'phaseflow run' command that repeats it alone.")

  @Argument(help: "The folder of a sweep.", completion: .directory)
  var store: String
  @Argument(help: .init("The run's number.", valueName: "run"))
  var number: Int
  @Flag(help: "Print the run's YAML file instead, for 'phaseflow run FILE'.")
  var yaml = false

  func run() throws {
    let row = try SweepStore(store).row(number)
    try Console.show(yaml ? row.configuration : try row.text(), terminator: yaml ? "" : "\n")
  }
}
