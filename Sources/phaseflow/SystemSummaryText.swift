import Foundation
import GradientFlow
import Studies

/// The one-screen summary of a run of a system.
struct SystemSummaryText {
  private let outcome: SystemRun.Outcome

  init(_ outcome: SystemRun.Outcome) { self.outcome = outcome }

  var text: String {
    let s = outcome.summary
    let names = outcome.experiment.model.componentNames
    let shown = min(names.count, 8)
    let components = (0..<shown).map { "\(names[$0]) \(outcome.state[$0])" }.joined(separator: ", ")
    var lines = [
      "PhaseFlow run: \(s.returnCode.rawValue), \(s.message)",
      summaryRow("system", "\(s.system)  N = \(s.dimension), t from \(s.initialTime) to \(s.tEnd)"),
      summaryRow("integrator", "\(s.integrator)  rtol \(s.rtol), atol \(s.atol)"),
    ]
    if let choice = s.integratorChoice { lines.append(summaryRow("", choice)) }
    lines.append(summaryRow("cost", costText(s.statistics)))
    lines.append(
      summaryRow("y", components + (shown < names.count ? ", ... (\(names.count) in all)" : "")))
    if s.eventCount > 0 {
      let first = s.events.prefix(5).map { String(format: "%@ at %.6g", $0.name, $0.time) }
      lines.append(
        summaryRow(
          "events", "\(s.eventCount): \(first.joined(separator: ", "))\(s.eventCount > 5 ? ", ..." : "")"))
    }
    return (lines + observerRows(s.observers) + resultRows(outcome.folder)).joined(separator: "\n")
  }
}
