import ArgumentParser
import Foundation
import PluginKit

struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins", abstract: "Lists what --data, --activation, --loss, --integrator and --observe take.")

  @Option(help: "Load a plug-in library; may be given several times.", completion: .file(extensions: ["so"]))
  var plugin: [String] = []
  @Flag(help: "Print one JSON object, kind -> list of name, usage, summary.")
  var json = false

  func run() throws {
    let catalog = try makeCatalog(libraries: plugin)
    let kinds = [
      ("integrators", lines(catalog.integrators)), ("activations", lines(catalog.activations)),
      ("losses", lines(catalog.losses)), ("observers", lines(catalog.observers)),
      ("datasets", lines(catalog.datasets)),
    ]
    if json {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
      let object = Dictionary(uniqueKeysWithValues: kinds)
      print(String(decoding: try encoder.encode(object), as: UTF8.self))
      return
    }
    for (kind, entries) in kinds {
      print(kind)
      for entry in entries {
        let name = entry.name + entry.usage
        print("  " + name.padding(toLength: max(34, name.count + 2), withPad: " ", startingAt: 0) + entry.summary)
      }
    }
  }

  private struct Line: Encodable {
    let name: String
    let usage: String
    let summary: String
  }

  private func lines<Product>(_ table: PluginTable<Product>) -> [Line] {
    table.entries.map { Line(name: $0.name, usage: $0.usage, summary: $0.summary) }
  }
}
