import Files
import Foundation
import GradientFlow
import Studies

extension ValidationReport {
  /// The table for the screen.
  public var text: String {
    let width = entries.map(\.statement.identifier.count).max() ?? 0
    let lines = entries.map { entry in
      "  " + entry.statement.identifier.padding(toLength: width + 2, withPad: " ", startingAt: 0)
        + entry.result.verdict.text.padding(toLength: 16, withPad: " ", startingAt: 0) + entry.result.summary
    }
    return ([header] + lines + [footer]).joined(separator: "\n")
  }

  private var header: String {
    "PhaseFlow validate: \(settings.data)  n = \(constants.sampleCount), d = \(constants.inputDimension), "
      + "λ_a = \(short(constants.lambdaA)), λ_w = \(short(constants.lambdaW)); "
      + "\(runs) runs to R = \(short(stopLoss)), m = \(list(settings.widths ?? [])), \(settings.seeds.values.count) seeds"
  }

  private var footer: String {
    let counts: [(Verdict, String)] = [
      (.holds, "hold"), (.fails, "fail"), (.notApplicable, "not applicable"),
      (.measuredOnly, "measured only"),
    ]
    let verdicts = counts.compactMap { verdict, text in
      let count = entries.count { $0.result.verdict == verdict }
      return count > 0 ? "\(count) \(text)" : nil
    }
    return verdicts.joined(separator: ", ")
      + (incomplete > 0 ? "; \(incomplete) runs did not reach the stop" : "")
  }

  /// `report.md`.
  public var markdown: String {
    var lines = [
      "# The theory on \(settings.data)", "", header + ".", "", "| statement | verdict | |", "|---|---|---|",
    ]
    lines += entries.map {
      "| [\($0.statement.identifier)](#\($0.statement.identifier)) | **\($0.result.verdict.text)** | \(cell($0.result.summary)) |"
    }
    lines += ["", footer + "."]
    for entry in entries { lines += section(entry) }
    return lines.joined(separator: "\n") + "\n"
  }

  private func section(_ entry: Entry) -> [String] {
    let (statement, result) = (entry.statement, entry.result)
    var lines = [
      "", "## \(statement.identifier)", "", "\(statement.title)", "",
      "*\(statement.reference).* Conditions: \(statement.conditions).", "",
      "**\(result.verdict.text)**: \(result.summary).",
    ]
    if !result.numbers.isEmpty {
      lines +=
        [""]
        + result.numbers.map { "- \($0.name): \(short($0.value))\($0.unit.isEmpty ? "" : " " + $0.unit)" }
    }
    if !result.table.rows.isEmpty { lines += [""] + markdown(result.table) }
    for name in entry.figureNames { lines += ["", "![\(name)](\(name).png)"] }
    if !result.notes.isEmpty { lines += [""] + result.notes }
    return lines
  }

  private func markdown(_ table: ResultTable) -> [String] {
    let rule = table.columns.map { _ in "---" } + ["---"]
    let rows = zip(table.rows, table.verdicts).map { row, verdict in
      row.map { cell(short($0)) } + [verdict.text]
    }
    return ([table.columns.map(cell) + ["verdict"], rule] + rows).map {
      "| " + $0.joined(separator: " | ") + " |"
    }
  }

  /// A bar would end the cell.
  private func cell(_ text: String) -> String { Escaping.markdownCell(text) }

  private func list(_ widths: [Int]) -> String { widths.sorted().map(String.init).joined(separator: ", ") }
}
