import Foundation

/// Short names of runs that stand side by side: what differs between their configurations.
struct RunLabels {
  /// One for each run, in order, each once.
  let texts: [String]

  /// A longer name would crowd a legend or a title.
  private static let mostLetters = 32

  /// What decides a run, in the order in which it is told; the rest only decides what is recorded of it.
  private static let keys = [
    "gamma", "gamma-prime", "mobility-exponents", "alpha", "beta1", "beta2", "betas", "width", "hidden",
    "bias", "centred", "scaling-width", "data", "activation", "loss",
    "integrator", "rtol", "atol", "step", "seed", "asi", "initial-state", "t-end", "stop-loss",
  ]

  init(_ records: [FinishedRun]) {
    let settings = Self.keys.compactMap { RunSettings.byKey[$0] }
    let values = records.map { record in settings.map { record.configuration.tree($0) } }
    let differing = settings.indices.filter { i in values.contains { $0[i] != values[0][i] } }
    let differences = zip(records, values).map { record, values in
      if records.count == 1 { return record.label }
      return differing.compactMap { i in
        values[i]?.specification.flatMap { Self.text(settings[i].key, $0) }
      }.joined(separator: ", ")
    }
    var texts = zip(records, differences).map { record, text in
      let isUnique = differences.count { $0 == text } == 1
      return isUnique && !text.isEmpty && text.count <= Self.mostLetters ? text : record.name
    }
    // The same folder twice, or folders of one name in different places.
    let seen = Dictionary(grouping: texts.indices) { texts[$0] }
    for (text, runs) in seen where runs.count > 1 {
      for (number, i) in runs.enumerated() { texts[i] = "\(text) (\(number + 1))" }
    }
    self.texts = texts
  }

  /// `nil` for what need not be told.
  private static func text(_ key: String, _ value: String) -> String? {
    // 0.5, and 1 for 1.0.
    let value = Double(value).map { String(format: "%g", $0).replacing("-", with: "−") } ?? value
    return switch key {
    case "gamma": "γ = \(value)"
    case "gamma-prime": "γ′ = \(value)"
    case "width": "m = \(value)"
    case "asi": value == "true" ? "ASI" : "no ASI"
    case "data", "initial-state": URL(filePath: value).lastPathComponent
    case "activation", "loss", "integrator": value
    case "step" where value == "auto": nil
    default: "\(key) \(value)"
    }
  }
}
