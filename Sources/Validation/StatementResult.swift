import ODECore
import Figures
import GradientFlow
import Studies

/// What a statement came to.
public struct StatementResult: Sendable {
  /// Of all cases together.
  public var verdict: Verdict
  /// One sentence: what decided.
  public var summary: String
  /// What was measured, for the report's summary.
  public var numbers: [Quantity] = []
  /// One row for each case: its verdict and its numbers.
  public var table = ResultTable(columns: [])
  /// Each goes into a file `IDENTIFIER-NAME`.
  public var figures: [(name: String, figure: Figure)] = []
  /// What a reader must know to judge the numbers.
  public var notes: [String] = []

  /// A result without a table.
  public init(_ verdict: Verdict, _ summary: String) {
    self.verdict = verdict
    self.summary = summary
  }

  /// The verdict is that of the table's cases together.
  public init(_ table: ResultTable, _ summary: String) {
    self.init(Verdict.combined(table.verdicts), summary)
    self.table = table
  }
}

/// A named number.
public struct Quantity: Equatable, Sendable, Encodable {
  /// What was measured.
  public let name: String
  /// `null` in JSON if not finite.
  public let value: ObservedValue
  /// Empty for pure numbers; times are those of the normalised model (7).
  public let unit: String

  /// A number with its unit.
  public init(_ name: String, _ value: Double, unit: String = "") {
    self.name = name
    self.value = .number(value)
    self.unit = unit
  }
}

/// A table with named columns. The first column says which case a row is; where rows have verdicts they are in
/// ``verdicts``, and are shown in a last column of their own.
public struct ResultTable: Equatable, Sendable, Encodable {
  /// Their names.
  public let columns: [String]
  /// One value for each column.
  public private(set) var rows: [[ObservedValue]] = []
  /// One for each row, if rows have any.
  public private(set) var verdicts: [Verdict] = []

  /// A table without rows.
  public init(columns: [String]) { self.columns = columns }

  /// Adds a case: one value for each column.
  public mutating func add(_ verdict: Verdict, _ row: [ObservedValue]) {
    precondition(row.count == columns.count, "one value for each column")
    rows.append(row)
    verdicts.append(verdict)
  }
}
