/// The numbers of a CSV file that this program wrote.
struct CSVTable {
  let columns: [String]
  /// A list for each column; what is no number is NaN.
  private(set) var values: [[Double]]

  var rowCount: Int { values.first?.count ?? 0 }

  subscript(column: String) -> [Double]? { columns.firstIndex(of: column).map { values[$0] } }

  /// - Parameter most: rows beyond are not read.
  /// - Throws: ``UsageError`` for a row of another length than the header.
  init(_ text: String, most: Int = .max) throws {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    guard let header = lines.first else { throw UsageError("it is empty") }
    columns = header.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    values = columns.map { _ in [] }
    for (number, line) in lines.dropFirst().prefix(most).enumerated() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      guard fields.count == columns.count else {
        throw UsageError("row \(number + 1) has \(fields.count) fields, the header \(columns.count)")
      }
      for (i, field) in fields.enumerated() { values[i].append(Double(field) ?? .nan) }
    }
  }
}
