import ArgumentParser
import Foundation
import PluginKit
import Studies

struct PluginsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract:
      "Lists what --data, --activation, --loss, --dynamics, --integrator, --observe and --system take.",
    discussion: """
      A parameter is given as in softplus(beta: 20), or shorter softplus:20 or softplus:beta=20; the listing \
      shows the defaults, and '-' where there is none.
      """)

  @Option(
    help: "Load a plug-in library, FILE or NAME=FILE; may be given several times.",
    completion: .file(extensions: ["so"]))
  var plugin: [String] = []
  @Flag(help: "Print one JSON object, kind -> list of name, usage, summary, parameters, citation, origin.")
  var json = false

  func run() throws {
    let kinds = pluginLines(of: try makeCatalog(libraries: plugin))
    if json {
      try Console.show(JSONText.pretty(Dictionary(uniqueKeysWithValues: kinds)))
    } else {
      try Console.show(pluginListing(kinds))
    }
  }
}

/// As text, kinds without entries left out; whoever is not built in is named.
func pluginListing(_ kinds: [(String, [PluginLine])]) -> String {
  kinds.filter { !$0.1.isEmpty }.map { kind, entries in
    kind
      + entries.map { entry in
        let name = entry.name + entry.usage
        let origin = entry.origin == "built-in" ? "" : " [\(entry.origin)]"
        // A long name gets a line of its own.
        let gap = name.count <= 32 ? String(repeating: " ", count: 34 - name.count) : "\n" + indent
        return "\n  " + name + gap + entry.summary + origin
      }.joined()
  }.joined(separator: "\n")
}

private let indent = String(repeating: " ", count: 36)
