import Foundation

/// Short names of runs that stand side by side: what differs between their configurations.
struct RunLabels {
  /// One for each run, in order, each once.
  let texts: [String]

  /// A longer name would crowd a legend or a title.
  private static let mostLetters = 32

  /// What decides a run, in the order in which it is told; the rest only decides what is recorded of it.
  private static let keys: [RunConfiguration.CodingKeys] = [
    .gamma, .gammaPrime, .alpha, .beta1, .beta2, .width, .scalingWidth, .data, .activation, .loss,
    .integrator, .rtol,
    .atol, .step, .seed, .asi, .initialState, .tEnd, .stopLoss,
  ]

  init(_ records: [RunRecord]) {
    let values = records.map(\.configuration.scalars)
    let differing = Self.keys.filter { key in values.contains { $0[key.rawValue] != values[0][key.rawValue] }
    }
    let differences = zip(records, values).map { record, values in
      if records.count == 1 { return record.label }
      return differing.compactMap { key in values[key.rawValue].map { Self.text(key, $0) } }
        .joined(separator: ", ")
    }
    var texts = zip(records, differences).map { record, text in
      let isUnique = differences.count { $0 == text } == 1
      return isUnique && !text.isEmpty && text.count <= Self.mostLetters
        ? text : record.folder.standardizedFileURL.lastPathComponent
    }
    // The same folder twice, or folders of one name in different places.
    let seen = Dictionary(grouping: texts.indices) { texts[$0] }
    for (text, runs) in seen where runs.count > 1 {
      for (number, i) in runs.enumerated() { texts[i] = "\(text) (\(number + 1))" }
    }
    self.texts = texts
  }

  private static func text(_ key: RunConfiguration.CodingKeys, _ value: String) -> String {
    // 0.5, and 1 for 1.0.
    let value = Double(value).map { String(format: "%g", $0) } ?? value
    return switch key {
    case .gamma: "γ = \(value)"
    case .gammaPrime: "γ′ = \(value)"
    case .width: "m = \(value)"
    case .asi: value == "true" ? "ASI" : "no ASI"
    case .data, .initialState: URL(filePath: value).lastPathComponent
    case .activation, .loss, .integrator: value
    default: "\(key.rawValue) \(value)"
    }
  }
}
