import ArgumentParser
import Foundation
import PluginKit

struct PluginsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists what --data, --activation, --loss, --integrator and --observe take.")

  @Option(
    help: "Load a plug-in library; may be given several times.", completion: .file(extensions: ["so"]))
  var plugin: [String] = []
  @Flag(help: "Print one JSON object, kind -> list of name, usage, summary.")
  var json = false

  func run() throws {
    let kinds = pluginLines(of: try makeCatalog(libraries: plugin))
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let object = Dictionary(uniqueKeysWithValues: kinds)
      print(String(decoding: try encoder.encode(object), as: UTF8.self))
    } else {
      print(pluginListing(kinds))
    }
  }
}

/// What is said of one plug-in.
struct PluginLine: Encodable {
  let name: String
  let usage: String
  let summary: String
}

/// Every plug-in of `catalog`, by kind.
func pluginLines(of catalog: PluginCatalog) -> [(String, [PluginLine])] {
  func lines<Product>(_ table: PluginTable<Product>) -> [PluginLine] {
    table.entries.map { PluginLine(name: $0.name, usage: $0.usage, summary: $0.summary) }
  }
  return [
    ("integrators", lines(catalog.integrators)), ("activations", lines(catalog.activations)),
    ("losses", lines(catalog.losses)), ("observers", lines(catalog.observers)),
    ("datasets", lines(catalog.datasets)),
  ]
}

/// As text, kinds without entries left out.
func pluginListing(_ kinds: [(String, [PluginLine])]) -> String {
  kinds.filter { !$0.1.isEmpty }.map { kind, entries in
    kind
      + entries.map { entry in
        let name = entry.name + entry.usage
        let width = max(34, name.count + 2)
        return "\n  " + name.padding(toLength: width, withPad: " ", startingAt: 0) + entry.summary
      }.joined()
  }.joined(separator: "\n")
}
