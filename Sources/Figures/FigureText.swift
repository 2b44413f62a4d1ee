import Files
import Foundation

/// Text in a figure, in gnuplot's "enhanced" markup: `m^{-1/2}`, `R_0`, `{/:Italic t}`; Greek and other
/// letters as they are (UTF-8).
///
/// A literal is markup. Text that comes from a user, such as the name of an integrator or a file, has to
/// go through ``plain(_:)``, which keeps `_` and the like as they are.
public struct FigureText: Equatable, Sendable, ExpressibleByStringLiteral {
  /// The text in gnuplot's enhanced notation.
  public let markup: String

  /// A text that is in gnuplot's enhanced notation already.
  public init(markup: String) { self.markup = markup }
  public init(stringLiteral value: String) { self.init(markup: value) }

  /// The text as it is.
  public static func plain(_ text: String) -> FigureText {
    FigureText(markup: Escaping.gnuplotMarkup(text))
  }

  /// A quantity's symbol, in italics.
  public static func symbol(_ name: String) -> FigureText {
    FigureText(markup: "{/:Italic \(name)}")
  }

  /// The paper's second exponent. A hair of space keeps the prime off the leaning letter.
  public static let gammaPrime = symbol("γ") + "\u{200A}′"

  /// `0.4`, `−1`: at most six digits, with a true minus sign.
  public static func number(_ value: Double) -> FigureText {
    FigureText(markup: typographic(String(format: "%g", value)))
  }

  /// The place of a run in the phase diagram: `γ = 1.75, γ′ = −0.4`.
  public static func pair(_ gamma: Double, _ gammaPrime: Double) -> FigureText {
    .symbol("γ") + " = " + .number(gamma) + ", " + .gammaPrime + " = " + .number(gammaPrime)
  }

  /// `1.4×10^{−3}`; with no `digits` after the first `10^{−3}`, `3×10^{−4}`.
  public static func scientific(_ value: Double, digits: Int = 1) -> FigureText {
    let parts = String(format: "%.\(digits)e", value).split(separator: "e")
    guard parts.count == 2, let exponent = Int(parts[1]) else { return .plain("\(value)") }
    let mantissa = parts[0] == "1" ? "" : "\(parts[0])×"
    return FigureText(markup: typographic(exponent == 0 ? "\(parts[0])" : "\(mantissa)10^{\(exponent)}"))
  }

  /// One text after the other.
  public static func + (a: FigureText, b: FigureText) -> FigureText {
    FigureText(markup: a.markup + b.markup)
  }

  /// Whether there is nothing to draw.
  public var isEmpty: Bool { markup.isEmpty }

  /// As a string of gnuplot's.
  var quoted: String { Escaping.gnuplot(markup) }

  /// Broken between words, outside of braces, into lines of roughly at most `most` letters.
  func wrapped(most: Int) -> [FigureText] {
    var depth = 0
    let words = markup.split(omittingEmptySubsequences: false) { character in
      if character == "{" { depth += 1 }
      if character == "}" { depth -= 1 }
      return character == " " && depth <= 0
    }
    return words.reduce(into: [FigureText]()) { lines, word in
      let longer = lines.last.map { FigureText(markup: $0.markup + " " + word) }
      if let longer, longer.visibleLength <= most {
        lines[lines.count - 1] = longer
      } else {
        lines.append(FigureText(markup: String(word)))
      }
    }
  }

  /// With the middle left out if more than `most` letters are seen.
  func shortened(most: Int) -> FigureText {
    let pieces = pieces
    let lengths = pieces.map { FigureText(markup: $0).visibleLength }
    guard most > 2, lengths.reduce(0, +) > most else { return self }
    func count(_ lengths: some Sequence<Int>, upTo room: Int) -> Int {
      var sum = 0
      return lengths.prefix { length in
        sum += length
        return sum <= room
      }.count
    }
    let tail = count(lengths.reversed(), upTo: most / 3)
    let head = count(lengths, upTo: most - 1 - most / 3)
    return FigureText(markup: pieces.prefix(head).joined() + "…" + pieces.suffix(tail).joined())
  }

  /// What must not be broken: letters, escaped letters, groups in braces, each with what is raised or lowered behind it.
  private var pieces: [String] {
    var (result, depth, isOpen) = ([String](), 0, false)
    for character in markup {
      if isOpen || depth > 0 || (character == "^" || character == "_") && !result.isEmpty {
        result[result.count - 1].append(character)
      } else {
        result.append(String(character))
      }
      let isEscaped = isOpen && result.last!.dropLast().last == "\\"
      if !isEscaped, character == "{" { depth += 1 }
      if !isEscaped, character == "}" { depth -= 1 }
      isOpen = !isEscaped && (character == "\\" || depth == 0 && (character == "^" || character == "_"))
    }
    return result
  }

  /// Roughly how many letters are seen.
  var visibleLength: Int {
    var count = 0
    var isSkipping = false
    for character in markup {
      if character == "/" && count > 0 || character == ":" { isSkipping = true }
      if isSkipping {
        if character == " " { isSkipping = false }
      } else if !"{}^_\\".contains(character) {
        count += 1
      }
    }
    return count
  }
}
