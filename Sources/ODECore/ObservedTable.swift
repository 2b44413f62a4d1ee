/// A table of an ``Observer``, written as a CSV file of its own.
public struct ObservedTable: Equatable, Sendable {
  /// The file's name is `OBSERVER-NAME.csv`.
  public let name: String
  /// The names of the columns.
  public let columns: [String]
  /// One number for each of ``columns``.
  public let rows: [[Double]]

  /// A table from its rows, each with one number for each column.
  public init(name: String, columns: [String], rows: [[Double]]) {
    self.name = name
    self.columns = columns
    self.rows = rows
  }
}
