import Files
import Foundation
import Testing

/// What is escaped reads back as the same text, whatever is in it.
@Suite("Escaping") struct EscapingTests {
  /// Texts of scalars that have broken such functions: quotes and brackets followed by combining marks, directional
  /// marks, line ends of all kinds, NUL, and anything else.
  static let texts: [String] = {
    var generator = SystemRandomNumberGenerator()
    let special: [Unicode.Scalar] = [
      "'", "\"", "\\", "<", ">", "&", "|", "$", "`", "\n", "\r", "\0", "\t", ",", ";", "{", "}", "@", "~",
      "^", "_",
      "\u{301}", "\u{600}", "\u{200D}", "\u{202E}", "\u{2028}", "\u{2029}", "\u{85}", "\u{FEFF}", "\u{FFFF}",
      "#", "*",
    ]
    return (0..<2000).map { _ in
      var text = String.UnicodeScalarView()
      for _ in 0..<Int.random(in: 0...12, using: &generator) {
        if Bool.random(using: &generator) {
          text.append(special.randomElement(using: &generator)!)
        } else if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &generator)) {
          text.append(scalar)
        }
      }
      return String(text)
    }
  }()

  @Test("for a shell gives one word that is the text")
  func shell() throws {
    // A shell's word cannot hold NUL.
    let words = Self.texts.prefix(300).map { text in
      String(String.UnicodeScalarView(text.unicodeScalars.filter { $0.value != 0 }))
    }
    let script = words.map { "printf '%s\\0' \(Escaping.shell($0))" }.joined(separator: "\n")
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    let file = FileManager.default.temporaryDirectory.appending(path: "escaping-\(UUID().uuidString).sh")
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(script.utf8).write(to: file)
    process.arguments = [file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let read = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let expected = words.reduce(into: Data()) { $0 += Data($1.utf8) + [0] }
    #expect(read == expected)
  }

  @Test("for gnuplot leaves no lone quote and no line end inside the quotes")
  func gnuplot() {
    for text in Self.texts {
      let scalars = Array(Escaping.gnuplot(text).unicodeScalars)
      #expect(scalars.first == "'" && scalars.last == "'")
      let inside = scalars.dropFirst().dropLast()
      #expect(
        !inside.contains { $0.properties.generalCategory == .control || $0 == "\u{2028}" || $0 == "\u{2029}" }
      )
      #expect(!inside.contains("'"))
    }
  }

  /// The oracle is gnuplot itself.
  @Test("for gnuplot is what gnuplot prints, with apostrophes for quotes", .enabled(if: Self.hasGnuplot))
  func gnuplotItself() throws {
    let texts = ["'", "''", "'a'.csv", "a'b", "'; system('touch x'); '", "\"`date`\"", "\\"] + Self.texts
    let script = texts.map { "print \(Escaping.gnuplot($0))\n" }.joined()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: file) }
    try Data(script.utf8).write(to: file)
    process.arguments = ["gnuplot", file.path]
    let output = Pipe()
    process.standardError = output
    try process.run()
    let read = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let lines = read.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let expected = texts.map { Escaping.gnuplot($0).unicodeScalars.dropFirst().dropLast() }
    try #require(lines.count == expected.count)
    for (line, text) in zip(lines, expected) { #expect(Array(line) == Array(text)) }
  }

  private static let hasGnuplot = FileManager.default.isExecutableFile(atPath: "/usr/bin/gnuplot")

  @Test("of gnuplot's markup puts a backslash before each sign of it")
  func markup() {
    for text in Self.texts {
      let signs = Set("\\^_{}@&~".unicodeScalars)
      var back = String.UnicodeScalarView()
      var isEscaped = false
      for scalar in Escaping.gnuplotMarkup(text).unicodeScalars {
        if isEscaped {
          #expect(signs.contains(scalar))
          back.append(scalar)
          isEscaped = false
        } else if scalar == "\\" {
          isEscaped = true
        } else {
          #expect(!signs.contains(scalar))
          back.append(scalar)
        }
      }
      #expect(Array(back) == Array(text.unicodeScalars) && !isEscaped)
    }
  }

  @Test("of JSON in HTML is the same JSON, without a bracket")
  func json() throws {
    for text in Self.texts {
      let json = Escaping.jsonInHTML(String(decoding: try JSONEncoder().encode([text]), as: UTF8.self))
      #expect(!json.unicodeScalars.contains { ["<", ">", "&", "\u{2028}", "\u{2029}"].contains($0) })
      let back = try JSONDecoder().decode([String].self, from: Data(json.utf8))
      #expect(Array(back[0].unicodeScalars) == Array(text.unicodeScalars))
    }
  }

  @Test("of a CSV field reads back, and needs no quotes where there is nothing to quote")
  func csv() {
    for text in Self.texts {
      let line = CSVText.line([text, "x"])
      #expect(parse(line) == [Array(text.unicodeScalars), ["x"]])
    }
    #expect(
      CSVText.line(["rkc(norm: max, rho: power)", "a b", "say \"so\""])
        == "\"rkc(norm: max, rho: power)\",a b,\"say \"\"so\"\"\"")
    #expect(CSVText.line([0.1, 1, -.infinity]) == "0.1,1.0,-inf")
  }

  /// RFC 4180, by scalars.
  private func parse(_ line: String) -> [[Unicode.Scalar]] {
    var fields: [[Unicode.Scalar]] = [[]]
    var isQuoted = false
    var scalars = Array(line.unicodeScalars)[...]
    while let scalar = scalars.popFirst() {
      if scalar == "\"" {
        if isQuoted, scalars.first == "\"" {
          scalars.removeFirst()
          fields[fields.count - 1].append("\"")
        } else {
          isQuoted.toggle()
        }
      } else if scalar == ",", !isQuoted {
        fields.append([])
      } else {
        fields[fields.count - 1].append(scalar)
      }
    }
    return fields
  }

  @Test("on a terminal shows no control character")
  func terminal() {
    for text in Self.texts {
      #expect(
        !Escaping.terminal(text).unicodeScalars.contains {
          $0.properties.generalCategory == .control && $0 != "\n" && $0 != "\t"
        })
    }
  }
}
