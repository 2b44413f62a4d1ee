import Foundation
import ODECore
import Studies

/// The one-screen summary of a run.
struct SummaryText {
  private let outcome: Run.Outcome

  init(_ outcome: Run.Outcome) { self.outcome = outcome }

  var text: String {
    let s = outcome.summary
    var lines = ["PhaseFlow run: \(s.returnCode.rawValue), \(s.message)"]
    lines += s.facts.problemLines.map { Self.line($0.label, $0.text) }
    lines.append(Self.line("integrator", "\(s.integrator)  rtol \(s.rtol), atol \(s.atol)"))
    if let choice = s.integratorChoice { lines.append(Self.line("", choice)) }
    lines.append(
      Self.line(
        "cost",
        String(
          format: "%d steps accepted, %d rejected, nfev %d, %.3g s", s.statistics.accepted,
          s.statistics.rejected, s.statistics.nfev, s.statistics.wallSeconds)))
    lines += s.remarks.map { Self.line("remark", $0.text) }
    lines += s.facts.resultLines.map { Self.line($0.label, $0.text) }
    return (lines + observerLines + resultLines).joined(separator: "\n")
  }

  /// One indented line with a label.
  private static func line(_ label: String, _ text: String) -> String {
    "  " + label.padding(toLength: max(18, label.count + 1), withPad: " ", startingAt: 0) + text
  }

  /// What observers said, one line each.
  private var observerLines: [String] {
    outcome.summary.observers.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { name, values in
      let text = values.sorted { $0.key < $1.key }.compactMap { key, value in
        Self.short(value).map { "\(key) \($0)" }
      }.joined(separator: ", ")
      return Self.line(name, text)
    }
  }

  /// Where the results and pictures are.
  private var resultLines: [String] {
    guard let folder = outcome.folder else {
      return [Self.line("results", "not kept; --out DIR writes the trajectory and pictures")]
    }
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return [Self.line("results", folder.path)]
      + files.filter { $0.hasSuffix(".png") }.sorted().map {
        Self.line("picture", folder.appending(path: $0).path)
      }
  }

  private static func short(_ value: ObservedValue) -> String? {
    switch value {
    case .number(let x): x.isFinite ? String(format: "%.5g", x) : "-"
    // A layer each; longer lists are for the file.
    case .numbers(let values) where values.count <= 6:
      values.map { String(format: "%.4g", $0) }.joined(separator: " ")
    case .numbers: nil
    default: "\(value)"
    }
  }
}
