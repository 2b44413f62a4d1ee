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

/// As text of 80 columns, kinds without entries left out; whoever is not built in is named.
func pluginListing(_ kinds: [(String, [PluginLine])]) -> String {
  kinds.filter { !$0.1.isEmpty }.map { kind, entries in
    kind
      + entries.map { entry in
        let name = entry.name + entry.usage
        let summary = entry.summary + (entry.origin == "built-in" ? "" : " [\(entry.origin)]")
        let line =
          "  " + name.padding(toLength: max(34, name.count + 1), withPad: " ", startingAt: 0) + summary
        // What does not fit has lines of its own.
        return line.count <= width
          ? "\n" + line
          : (broken(name, first: "  ") + broken(summary, first: "      ")).map { "\n" + $0 }.joined()
      }.joined()
  }.joined(separator: "\n")
}

private let width = 80

/// Lines that end at a space or behind a bar, all but the first indented by six.
private func broken(_ text: String, first: String) -> [String] {
  var lines = [first]
  var rest = Substring(text)
  while !rest.isEmpty {
    let end = rest.firstIndex { $0 == " " || $0 == "|" }.map(rest.index(after:)) ?? rest.endIndex
    let word = rest[..<end]
    if lines[lines.count - 1].count + word.count - (word.hasSuffix(" ") ? 1 : 0) > width,
      !lines[lines.count - 1].allSatisfy({ $0 == " " })
    {
      lines.append("      ")
    }
    lines[lines.count - 1] += word
    rest = rest[end...]
  }
  return lines.map { line in String(line.reversed().drop { $0 == " " }.reversed()) }
}
