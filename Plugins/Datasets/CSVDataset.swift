import Files
import Foundation
import Networks
import SwiftCSV

/// Data in a CSV file: a header of names, none of them empty or a number, then one sample a line; the last column is `y`, or
/// the last `c` columns are if they are named `y1`, ..., `yc`. Fields are separated by commas
/// and may be quoted; blank lines are skipped. The bias coordinate is appended by ``Dataset``.
package enum CSVDataset {
  /// - Throws: ``DatasetFileError``.
  static func load(path: String) throws -> Dataset {
    let data: Data
    do { data = try AtomicFile.read(URL(fileURLWithPath: path)) } catch let error as AtomicFileError {
      throw DatasetFileError(path: path, problem: .unreadable(reason: error.reason))
    }
    return try parse(data, path: path)
  }

  package static func parse(_ data: Data, path: String) throws -> Dataset {
    func fail(_ problem: DatasetFileError.Problem) -> DatasetFileError {
      DatasetFileError(path: path, problem: problem)
    }
    guard let text = String(validating: data, as: UTF8.self) else { throw fail(.notUTF8) }
    // The parser would take an unfinished quotation silently to the end of the file.
    guard data.count(where: { $0 == UInt8(ascii: "\"") }).isMultiple(of: 2) else {
      throw fail(.quotation(reason: "there is an odd number of them"))
    }
    let rows = try rows(of: text, fail)
    guard let header = rows.first else { throw fail(.empty) }
    let names = header.fields
    if let i = names.firstIndex(where: { $0.isEmpty || Double($0) != nil }) {
      throw fail(.headerMissing(column: i + 1, text: names[i]))
    }
    let outputs = outputCount(names)
    if names.count <= outputs { throw fail(.noInputColumn) }
    if rows.count < 2 { throw fail(.noRows) }

    var features: [[Double]] = []
    var targets: [Double] = []
    for row in rows.dropFirst() {
      guard row.fields.count == names.count else {
        throw fail(.ragged(line: row.line, expected: names.count, got: row.fields.count))
      }
      var values = try zip(row.fields, names).enumerated().map { column, field in
        let (text, name) = field
        guard let value = Double(text) else {
          throw fail(.notANumber(line: row.line, column: column + 1, header: name, text: text))
        }
        guard value.isFinite else {
          throw fail(.notFinite(line: row.line, column: column + 1, header: name, text: text))
        }
        return value
      }
      targets += values.suffix(outputs)
      values.removeLast(outputs)
      features.append(values)
    }
    return try Dataset(name: path, features: features, targets: targets, outputCount: outputs)
  }

  /// `c` if the last columns are `y1` to `yc`, else 1.
  private static func outputCount(_ names: [String]) -> Int {
    guard let last = names.last, last.first == "y", let c = Int(last.dropFirst()), c > 1, c < names.count,
      names.suffix(c).elementsEqual((1...c).map { "y\($0)" })
    else { return 1 }
    return c
  }

  private struct Row {
    /// Of the row's first field, from 1.
    let line: Int
    let fields: [String]
  }

  /// A view that keeps nothing: rows are taken as they are, since the library's own views fill up short ones.
  private struct NoView: CSVView {
    let rows: [[String]] = []
    let columns: [String]? = nil
    init(header: [String], text: String, delimiter: CSVDelimiter, loadColumns: Bool, rowLimit: Int?) {}
    func serialize(header: [String], delimiter: CSVDelimiter) -> String { "" }
  }

  private static func rows(
    of text: String, _ fail: (DatasetFileError.Problem) -> DatasetFileError
  ) throws -> [Row] {
    var rows: [Row] = []
    var line = 1
    do {
      try CSV<NoView>(string: text, delimiter: .comma, loadColumns: false).enumerateAsArray(
        startAt: 0, rowLimit: nil
      ) { fields in
        let trimmed = fields.map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
        if trimmed != [""] { rows.append(Row(line: line, fields: trimmed)) }
        line += 1 + fields.reduce(0) { $0 + $1.count(where: \.isNewline) }
      }
    } catch let error as CSVParseError {
      let reason =
        switch error {
        case .generic(let message), .quotation(let message): message
        }
      throw fail(.quotation(reason: "after line \(line - 1): \(reason)"))
    }
    return rows
  }
}
