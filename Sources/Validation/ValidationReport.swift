import Foundation
import Studies

/// What a validation came to.
public struct ValidationReport {
  /// One statement and its result.
  public struct Entry: Encodable {
    /// What was checked.
    public let statement: any Statement
    /// What came of it.
    public let result: StatementResult

    init(_ statement: any Statement, _ result: StatementResult) {
      self.statement = statement
      self.result = result
    }

    /// The names of the picture files, without extension.
    var figureNames: [String] { result.figures.map { "\(statement.identifier)-\($0.name)" } }

    private enum CodingKeys: String, CodingKey {
      case identifier, title, reference, conditions, verdict, summary, numbers, table, figures, notes
    }

    public func encode(to encoder: any Encoder) throws {
      var c = encoder.container(keyedBy: CodingKeys.self)
      try c.encode(statement.identifier, forKey: .identifier)
      try c.encode(statement.title, forKey: .title)
      try c.encode(statement.reference, forKey: .reference)
      try c.encode(statement.conditions, forKey: .conditions)
      try c.encode(result.verdict, forKey: .verdict)
      try c.encode(result.summary, forKey: .summary)
      try c.encode(result.numbers, forKey: .numbers)
      try c.encode(result.table, forKey: .table)
      try c.encode(figureNames, forKey: .figures)
      try c.encode(result.notes, forKey: .notes)
    }
  }

  /// What was asked for.
  public let settings: ValidationSettings
  /// What the theory needs to know of the data.
  public let constants: DataConstants
  /// `R` at which the runs stopped.
  public let stopLoss: Double
  /// How many runs were done, and how many of them did not get to their stop.
  public let runs: Int
  /// Of ``runs``, those that did not reach their stop.
  public let incomplete: Int
  /// One for each statement, in order.
  public let entries: [Entry]

  /// Whether no statement fails.
  public var isSound: Bool { !entries.contains { $0.result.verdict == .fails } }

  /// `report.json`: keys in alphabetical order; no times or dates, so the same settings give the same text.
  ///
  /// - Throws: errors of the encoder.
  public var json: String {
    get throws {
      let document = Document(
        data: constants, settings: settings.withoutThreads.tree, stopLoss: stopLoss, runs: runs,
        incompleteRuns: incomplete,
        sound: isSound, statements: entries)
      return try JSONText.pretty(document)
    }
  }

  private struct Document: Encodable {
    let data: DataConstants
    let settings: SettingTree
    let stopLoss: Double
    let runs: Int
    let incompleteRuns: Int
    let sound: Bool
    let statements: [Entry]
  }
}

extension ValidationSettings {
  /// What decides the numbers.
  var withoutThreads: ValidationSettings {
    var settings = self
    settings.threads = nil
    return settings
  }
}
