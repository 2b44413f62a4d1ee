/// The writer of all CSV files: RFC 4180, numbers with the fewest digits that read back as the same.
public enum CSVText {
  /// A line, without its end.
  public static func line(_ fields: [String]) -> String { fields.map(field).joined(separator: ",") }

  /// A line of numbers, without its end.
  public static func line(_ numbers: some Sequence<Double>) -> String {
    var text = ""
    for number in numbers {
      if !text.isEmpty { text += "," }
      text += "\(number)"
    }
    return text
  }

  /// A header and rows of numbers.
  public static func table(_ columns: [String], _ rows: some Sequence<[Double]>) -> String {
    var text = line(columns) + "\n"
    for row in rows { text += line(row) + "\n" }
    return text
  }

  /// A header and rows of texts.
  public static func table(_ columns: [String], _ rows: some Sequence<[String]>) -> String {
    var text = line(columns) + "\n"
    for row in rows { text += line(row) + "\n" }
    return text
  }

  /// In quotation marks if it holds a comma, a quotation mark or a line end.
  private static func field(_ text: String) -> String {
    text.unicodeScalars.contains { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
      ? "\"" + String(String.UnicodeScalarView(text.unicodeScalars.flatMap { $0 == "\"" ? [$0, $0] : [$0] }))
        + "\""
      : text
  }
}
