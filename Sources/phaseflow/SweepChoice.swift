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
  @Option(
    help:
      "Other data than the sweep's own, such as idx:IMAGES,LABELS, of which figure-5 and figure-7 take the first 45 images."
  )
  var data: String?
  @Option(help: .init("Other widths than the sweep's own, separated by commas.", valueName: "m,m,..."))
  var widths: String?
  @Option(help: .init("Other seeds than the sweep's own, separated by commas.", valueName: "seed,..."))
  var seeds: String?

  func definition() throws -> SweepDefinition {
    var definition = try named()
    try definition.replace(data: data, widths: widths.map(Self.list), seeds: seeds.map(Self.list))
    return definition
  }

  private static func list(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  private func named() throws -> SweepDefinition {
    if SweepDefinition.presetNames.contains(sweep) { return try .preset(sweep, quick: quick) }
    if quick { throw UsageError("--quick is for presets; a YAML file says its own size") }
    return try SweepDefinition(yamlFile: sweep)
  }
}
