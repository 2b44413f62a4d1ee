import ArgumentParser
import Foundation
import PluginKit
import Studies

struct PluginsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists what --data, --activation, --loss, --integrator, --observe and --system take.",
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

/// What is said of one plug-in.
struct PluginLine: Encodable {
  let name: String
  let usage: String
  let summary: String
  let parameters: [ParameterLine]
  let citation: String
  let origin: String

  init<Product>(_ entry: PluginTable<Product>.Entry) {
    name = entry.name
    usage = entry.usage
    summary = entry.summary
    parameters = entry.parameters.map(ParameterLine.init)
    citation = entry.citation
    origin = entry.origin
  }
}

/// What is said of one parameter. Of a number's range what is infinite is left out.
struct ParameterLine: Encodable {
  let name: String
  let type: String
  let summary: String
  let `default`: String?
  let required: Bool
  let minimum: Double?
  let maximum: Double?
  let values: [String]?

  init(_ parameter: PluginParameter) {
    name = parameter.name
    summary = parameter.summary
    `default` = parameter.defaultValue
    required = parameter.isRequired
    let largest = Double.greatestFiniteMagnitude
    switch parameter.kind {
    case .number(let range):
      (type, values) = ("number", nil)
      minimum = range.lowerBound > -largest ? range.lowerBound : nil
      maximum = range.upperBound < largest ? range.upperBound : nil
    case .integer(let range):
      (type, values) = ("integer", nil)
      (minimum, maximum) = (Double(range.lowerBound), Double(range.upperBound))
    case .choice(let words): (type, values, minimum, maximum) = ("choice", words, nil, nil)
    case .text: (type, values, minimum, maximum) = ("text", nil, nil, nil)
    }
  }
}

/// Every plug-in of `catalog`, by kind.
func pluginLines(of catalog: PluginCatalog) -> [(String, [PluginLine])] {
  func lines<Product>(_ table: PluginTable<Product>) -> [PluginLine] { table.entries.map(PluginLine.init) }
  return [
    ("integrators", lines(catalog.integrators)), ("activations", lines(catalog.activations)),
    ("losses", lines(catalog.losses)), ("observers", lines(catalog.observers)),
    ("datasets", lines(catalog.datasets)), ("systems", lines(catalog.systems)),
  ]
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
