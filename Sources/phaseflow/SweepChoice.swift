import ArgumentParser
import Studies
import Sweeps

/// Which sweep is meant.
struct SweepChoice: ParsableArguments {
  @Argument(
    help: "A preset (\(SweepDefinition.presetNames.joined(separator: ", "))) or a YAML file.",
    completion: .file(extensions: ["yaml", "yml"]))
  var sweep: String
  @Flag(help: "A preset at a size that ends in under two minutes.")
  var quick = false

  func definition() throws -> SweepDefinition {
    if SweepDefinition.presetNames.contains(sweep) { return try .preset(sweep, quick: quick) }
    if quick { throw UsageError("--quick is for presets; a YAML file says its own size") }
    return try SweepDefinition(yamlFile: sweep)
  }
}
