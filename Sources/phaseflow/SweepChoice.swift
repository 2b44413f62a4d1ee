import ArgumentParser
import Foundation
import Studies
import Sweeps

/// Which sweep is meant.
struct SweepChoice: ParsableArguments {
  @Argument(
    help: "A preset (\(SweepDefinition.presetNames.joined(separator: ", "))) or a YAML file.",
    completion: .custom { _, _, prefix in presetsAndFiles(prefix) })
  var sweep: String
  @Flag(help: "A smaller size of a preset, done in under two minutes.")
  var quick = false
  @Option(
    help:
      "Data in place of the sweep's own, such as idx:IMAGES,LABELS (figure-5 and figure-7 use the first 45 images)."
  )
  var data: String?
  @Option(help: .init("Widths in place of the sweep's own, separated by commas.", valueName: "m,m,..."))
  var widths: String?
  @Option(help: .init("Seeds in place of the sweep's own, separated by commas.", valueName: "seed,..."))
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

/// What a shell may complete a sweep's name with: presets, and YAML files with the folders on the way to them.
private func presetsAndFiles(_ prefix: String) -> [String] {
  let folder = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
  let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
  let files = names.sorted().compactMap { name -> String? in
    var isFolder: ObjCBool = false
    let path = folder + name
    guard !name.hasPrefix("."), FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      return nil
    }
    if isFolder.boolValue { return path + "/" }
    return [".yaml", ".yml"].contains(where: name.hasSuffix) ? path : nil
  }
  return SweepDefinition.presetNames + files
}
