import Foundation
import ODECore
import Studies

/// The one-screen summary of a run: lines of at most 80 columns, numbers to four digits. `--json` and `summary.json` have
/// all digits.
struct SummaryText {
  private let outcome: Run.Outcome

  init(_ outcome: Run.Outcome) { self.outcome = outcome }

  var text: String {
    let s = outcome.summary
    let headline = Self.rounded(s.returnCode.isSuccess ? s.message : "\(s.returnCode.rawValue), \(s.message)")
    var lines = ["PhaseFlow run: " + Console.coloured(headline, s.returnCode.isSuccess ? .green : .red)]
    for line in s.facts.problemLines { lines += Self.wrapped(line.label, line.text) }
    lines += Self.wrapped("integrator", "\(s.integrator), rtol \(short(s.rtol)), atol \(short(s.atol))")
    if let choice = s.integratorChoice { lines += Self.wrapped("", choice) }
    let c = s.statistics
    lines += Self.wrapped(
      "cost",
      "\(c.accepted) steps, \(c.rejected) rejected, \(c.nfev) evaluations, \(short(c.wallSeconds)) s")
    if let text = s.globalError?.text { lines += Self.wrapped("error", text) }
    for remark in s.remarks { lines += Self.wrapped("remark", remark.text) }
    for line in s.facts.resultLines { lines += Self.wrapped(line.label, line.text) }
    for (name, values) in s.observers.sorted(by: { $0.key < $1.key }) {
      let parts = Self.ordered(values).compactMap { key, value in short(value).map { "\(key) \($0)" } }
      if !parts.isEmpty { lines += Self.wrapped(name, parts.joined(separator: ", ")) }
    }
    return (lines + places).joined(separator: "\n")
  }

  private static let labelWidth = 20
  private static let width = 80

  /// What was measured at the end first, what it was at the start after it.
  private static func ordered(
    _ values: [String: ObservedValue]
  ) -> [(key: String, value: ObservedValue)] {
    func rank(_ key: String) -> Int { key.hasPrefix("initial") ? 1 : 0 }
    return values.sorted { (rank($0.key), $0.key) < (rank($1.key), $1.key) }
  }

  /// Indented lines after a label, broken between words, after a comma where there is one.
  private static func wrapped(_ label: String, _ text: String) -> [String] {
    // What must stay on one line: "clusters 2,".
    let parts = text.split(separator: ", ").enumerated().flatMap { i, part in
      part.count > width - labelWidth ? part.split(separator: " ").map(String.init) : [String(part)]
    }
    var rest = Substring(text)
    var lines: [String] = []
    for part in parts {
      // The separator that stood before the part.
      let gap = rest.hasPrefix(", ") ? ", " : rest.hasPrefix(" ") ? " " : ""
      rest = rest.dropFirst(gap.count).dropFirst(part.count)
      if let last = lines.last, last.count + gap.count + part.count < width - labelWidth {
        lines[lines.count - 1] = last + gap + part
      } else {
        if !lines.isEmpty, gap == ", " { lines[lines.count - 1] += "," }
        lines.append(part)
      }
    }
    return lines.enumerated().map { i, line in
      let label = i == 0 ? "  " + label : ""
      return label.padding(toLength: max(labelWidth, label.count + 1), withPad: " ", startingAt: 0) + line
    }
  }

  /// Where the results and pictures are.
  private var places: [String] {
    guard let folder = outcome.folder else {
      return Self.wrapped("results", "not kept; --out DIR writes the trajectory and pictures")
    }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    func line(_ label: String, _ path: String) -> String {
      ("  " + label).padding(toLength: Self.labelWidth, withPad: " ", startingAt: 0) + path
    }
    return [line("results", folder.path)]
      + files.filter { $0.hasSuffix(".png") }.sorted().map {
        line("picture", folder.appending(path: $0).path)
      }
  }

  private func short(_ value: ObservedValue) -> String? {
    switch value {
    case .number(let x): x.isFinite ? short(x) : "-"
    // A layer each; longer lists are for the file.
    case .numbers(let values) where values.count <= 6: values.map(short).joined(separator: " ")
    case .numbers: nil
    case .text(let text): Self.rounded(text)
    default: "\(value)"
    }
  }

  /// Four digits: `0.01234`, `1.326e8`.
  private func short(_ value: Double) -> String { Self.short(value) }

  private static func short(_ value: Double, digits: Int = 4) -> String {
    String(format: "%.\(digits)g", value).replacing(#/e([+-])0*(\d+)/#) { match in
      "e" + (match.output.1 == "-" ? "-" : "") + match.output.2
    }
  }

  /// `text` with its long numbers cut to five digits.
  private static func rounded(_ text: String) -> String {
    text.replacing(#/-?\b\d+\.\d{5,}(e[+-]?\d+)?/#) { match in
      Double(match.output.0).map { short($0, digits: 5) } ?? String(match.output.0)
    }
  }
}
