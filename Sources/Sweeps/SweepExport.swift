import Files
import Foundation
import Studies

/// The runs of a sweep as a table.
public enum SweepExport {
  /// The columns of the CSV table, with what each shows of a run; absent values are empty.
  private static let columns: [(name: String, text: @Sendable (SweepRow) -> String)] = [
    ("run", { "\($0.id)" }), ("gamma", { text($0.gamma) }), ("gamma_prime", { text($0.gammaPrime) }),
    ("width", { "\($0.width)" }), ("seed", { "\($0.seed)" }), ("beta2_exponent", { text($0.betaExponent) }),
    ("others", { $0.others.joined(separator: " ") }), ("checks", { text($0.checks) }),
    ("return_code", { text($0.result?.returnCode) }), ("kappa", { text($0.result?.kappa) }),
    ("kappa_prime", { text($0.result?.kappaPrime) }), ("time", { text($0.result?.time) }),
    ("loss", { text($0.result?.loss) }), ("initial_loss", { text($0.result?.initialLoss) }),
    ("rd_w", { text($0.result?.rdW) }), ("rd_a", { text($0.result?.rdA) }),
    ("rd_theta", { text($0.result?.rdTheta) }), ("sup_w", { text($0.result?.supW) }),
    ("sup_a", { text($0.result?.supA) }), ("sup_theta", { text($0.result?.supTheta) }),
    ("nfev", { text($0.result?.nfev) }), ("accepted", { text($0.result?.accepted) }),
    ("rejected", { text($0.result?.rejected) }), ("wall_seconds", { text($0.wallSeconds) }),
    ("message", { text($0.result?.message) }),
  ]

  private static func text<T>(_ value: T?) -> String { value.map { "\($0)" } ?? "" }

  /// RD of each layer, for those sweeps that have networks of any depth.
  private static func layerColumns(_ rows: [SweepRow]) -> [(name: String, text: (SweepRow) -> String)] {
    SweepPart.all(rows).flatMap { part -> [(name: String, text: (SweepRow) -> String)] in
      guard case .layer = part else { return [] }
      return [
        ("rd_\(part.name)", { text($0.result?.final(part)) }),
        ("sup_\(part.name)", { text($0.result?.supremum(part)) }),
      ]
    }
  }

  /// One line for each run.
  public static func csv(_ rows: [SweepRow]) -> String {
    let all = columns.map { (name: $0.name, text: $0.text as (SweepRow) -> String) } + layerColumns(rows)
    return CSVText.table(all.map(\.name), rows.map { row in all.map { $0.text(row) } })
  }

  /// An array with one object for each run, with all that its observers said.
  ///
  /// - Throws: `EncodingError`.
  public static func json(_ rows: [SweepRow]) throws -> String {
    try JSONText.pretty(rows.map(ExportedRow.init)) + "\n"
  }
}

/// What a run and its result say, as one JSON object.
private struct ExportedRow: Encodable {
  let row: SweepRow

  init(_ row: SweepRow) { self.row = row }

  func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: AnyKey.self)
    func add(_ key: String, _ value: (some Encodable)?) throws {
      try c.encodeIfPresent(value, forKey: AnyKey(key))
    }
    try add("run", row.id)
    try add("width", row.width)
    try add("seed", row.seed)
    try add("configuration", row.configuration)
    try add("gamma", row.gamma)
    try add("gammaPrime", row.gammaPrime)
    try add("beta2Exponent", row.betaExponent)
    try add("checks", row.checks)
    if !row.others.isEmpty { try add("others", row.others) }
    try add("wallSeconds", row.wallSeconds)
    guard let result = row.result else { return }
    // Its own keys, but for what is JSON already.
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard
      case .mapping(let entries) = try JSONDecoder().decode(
        SettingTree.self, from: encoder.encode(result))
    else { return }
    for entry in entries where !["run", "observers", "statistics"].contains(entry.key) {
      try add(entry.key, entry.value)
    }
    try add("observers", json(result.observers, "observers"))
    try add("statistics", json(result.statistics, "statistics"))
  }

  private func json(_ text: String, _ name: String) throws -> SettingTree {
    do { return try JSONDecoder().decode(SettingTree.self, from: Data(text.utf8)) } catch {
      throw UsageError(
        "run \(row.id) of the sweep is damaged: its \(name) are not the JSON that this program writes")
    }
  }
}
