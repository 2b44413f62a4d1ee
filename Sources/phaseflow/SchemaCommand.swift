import ArgumentParser
import Studies
import Sweeps

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema",
    abstract: "Prints the JSON Schema of a run's or a sweep's YAML file, for editors that complete it.",
    discussion: """
      Example:  phaseflow schema run > phaseflow-run.schema.json
      and in the first line of the YAML file:
                # yaml-language-server: $schema=phaseflow-run.schema.json
      """)

  enum Kind: String, ExpressibleByArgument, CaseIterable { case run, sweep }

  @Argument(help: "Which file: run or sweep.")
  var kind = Kind.run

  func run() throws {
    try Console.show(JSONText.pretty(kind == .run ? RunConfiguration.schema : SweepDefinition.schema))
  }
}
