import Foundation
import Testing

/// Two things that end the program on somebody else's mistake, kept out of the sources.
@Suite("The sources") struct SourceTests {
  @Test(
    "turn doubles into whole numbers in one place only: Int(saturating:), Int(exactly:) or UntrustedNumber")
  func conversions() throws {
    var places: [String] = []
    for file in try sources() where !file.path.contains("/UntrustedNumbers/") {
      for (number, line) in try lines(of: file) {
        for match in line.matches(of: #/\bU?Int(?:8|16|32|64)?\(/#) {
          let argument = argument(line[match.range.upperBound...])
          if Self.isOfDouble(argument) { places.append("\(file.lastPathComponent):\(number): \(argument)") }
        }
      }
    }
    #expect(places.isEmpty, "\(places.joined(separator: "\n"))")
  }

  @Test("never say try!")
  func attempts() throws {
    let places = try sources().flatMap { file in
      try lines(of: file).filter { $0.text.contains("try!") }.map { "\(file.lastPathComponent):\($0.number)" }
    }
    #expect(places.isEmpty, "\(places)")
  }

  @Test("the search finds conversions of doubles, and leaves others alone")
  func search() {
    for bad in [
      "x.rounded()", "log10(x)", "9 / step", "0.5 * n", "min(x, 1e9)", "Double(n) * share", "pow(a, b)",
    ] {
      #expect(Self.isOfDouble(bad), "\(bad)")
    }
    for good in [
      "saturating: x.rounded()", "exactly: 0.5 * x", "text", "bytes[4]", "clamping: count", "CFLOW_MAX",
    ] {
      #expect(!Self.isOfDouble(good), "\(good)")
    }
  }

  /// What only a double is written like.
  private static func isOfDouble(_ argument: String) -> Bool {
    if argument.firstMatch(of: #/^[a-zA-Z]+: /#) != nil { return false }
    return argument.firstMatch(
      of:
        #/\.rounded\(|\.squareRoot\(|\blog(2|10)?\(|\bpow\(|\bfloor\(|\bceil\(|\bexp\(| / |[0-9]\.[0-9]|[0-9]e[0-9]|\bDouble\(|[sS]econds|[sS]hare\b/#
    ) != nil
  }

  /// Up to the parenthesis that ends it, or the line.
  private func argument(_ text: Substring) -> String {
    var depth = 1
    let end = text.firstIndex { character in
      if character == "(" { depth += 1 }
      if character == ")" { depth -= 1 }
      return depth == 0
    }
    return String(text[..<(end ?? text.endIndex)])
  }

  private func lines(of file: URL) throws -> [(number: Int, text: Substring)] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().map { ($0.offset + 1, $0.element) }
      .filter { !$0.1.drop { $0 == " " }.hasPrefix("//") }
  }

  private func sources() throws -> [URL] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let files = try ["Sources", "Plugins"].flatMap { folder in
      try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
        .filter { $0.hasSuffix(".swift") }.map { root.appending(path: "\(folder)/\($0)") }
    }
    try #require(files.count > 300)
    return files
  }
}
