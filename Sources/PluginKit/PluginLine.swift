/// What is said of one plug-in.
package struct PluginLine: Encodable {
  package let name: String
  package let usage: String
  package let summary: String
  package let parameters: [ParameterLine]
  let citation: String
  package let origin: String

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
package struct ParameterLine: Encodable {
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
package func pluginLines(of catalog: PluginCatalog) -> [(String, [PluginLine])] {
  func lines<Product>(_ table: PluginTable<Product>) -> [PluginLine] { table.entries.map(PluginLine.init) }
  return [
    ("integrators", lines(catalog.integrators)), ("activations", lines(catalog.activations)),
    ("losses", lines(catalog.losses)), ("dynamics", lines(catalog.dynamics)),
    ("observers", lines(catalog.observers)), ("datasets", lines(catalog.datasets)),
    ("systems", lines(catalog.systems)),
  ]
}
