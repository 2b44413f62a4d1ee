/// How a text is written so that another language takes it for what it is: one function for each language.
///
/// All of them look at Unicode scalars. A `Character` may be a quotation mark with a combining mark on it, which is not
/// equal to a quotation mark, and which every other program reads as one.
public enum Escaping {
  /// As one word of a POSIX shell.
  public static func shell(_ word: String) -> String {
    let isSafe = word.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || $0.properties.numericType != nil
          || "-_./,:=+".unicodeScalars.contains($0))
    }
    return !word.isEmpty && isSafe ? word : "'" + replacing(word, ["'": "'\\''"]) + "'"
  }

  /// As a string of gnuplot's in single quotes. Apostrophes become typographic ones: doubled, as gnuplot wants them, they are
  /// misread at the beginning of a string. Line breaks and other control characters become spaces, so that no text can end
  /// a command.
  public static func gnuplot(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let breaksLines =
        scalar.properties.generalCategory == .control || scalar.value == 0x2028 || scalar.value == 0x2029
      line.append(breaksLines ? " " : scalar == "'" ? "\u{2019}" : scalar)
    }
    return "'" + String(line) + "'"
  }

  /// As itself in gnuplot's "enhanced" markup.
  public static func gnuplotMarkup(_ text: String) -> String {
    replacing(
      text,
      Dictionary(uniqueKeysWithValues: "\\^_{}@&~".unicodeScalars.map { ($0, "\\" + String($0)) }))
  }

  /// JSON text inside an HTML `script` element: nothing in it ends the element or begins a comment.
  public static func jsonInHTML(_ json: String) -> String {
    replacing(
      json, ["<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u{2028}": "\\u2028", "\u{2029}": "\\u2029"])
  }

  /// In a cell of a Markdown table.
  public static func markdownCell(_ text: String) -> String {
    replacing(text, ["|": "\\|", "\n": " ", "\r": " ", "<": "&lt;"])
  }

  /// On a terminal: control characters, which could move the cursor or change its colours, are shown as `?`.
  public static func terminal(_ text: String) -> String {
    var line = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control && scalar != "\n" && scalar != "\t"
      line.append(isControl ? "?" : scalar)
    }
    return String(line)
  }

  private static func replacing(_ text: String, _ replacements: [Unicode.Scalar: String]) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if let replacement = replacements[scalar] {
        result.append(contentsOf: replacement.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }
}
