import Foundation
import GradientFlow
import ODECore
import Studies

/// The one-screen summary of a run.
struct SummaryText {
  private let outcome: Run.Outcome

  init(_ outcome: Run.Outcome) { self.outcome = outcome }

  var text: String {
    let s = outcome.summary
    let flow = outcome.experiment.flow
    let statistics = s.statistics
    let start =
      outcome.experiment.configuration.initialState.map { "start \(URL(filePath: $0).lastPathComponent)" }
      ?? "seed \(s.seed)"
    var lines = [
      "PhaseFlow run: \(s.returnCode.rawValue), \(s.message)",
      row(
        "problem",
        "\(s.data)  n = \(flow.data.sampleCount), d = \(flow.data.inputDimension), m = \(s.width), \(s.activation), \(s.lossFunction), \(start)"
      ),
      row("scaling", scaling(s)),
    ]
    if let rank = s.reducedDimension {
      lines.append(row("coordinates", "\(rank), of the span of the inputs; the others do not move"))
    }
    if let model = s.originalModel { lines.append(row("original model", originalModel(model))) }
    lines += [
      row("integrator", "\(s.integrator)  rtol \(s.rtol), atol \(s.atol)")
    ]
    if let choice = s.integratorChoice { lines.append(row("", choice)) }
    lines += [
      row("cost", costText(statistics)),
      row("loss R", String(format: "%.4e -> %.4e", s.initialLoss, s.loss)),
    ]
    return (lines + observerRows(s.observers) + resultRows(outcome.folder)).joined(separator: "\n")
  }

  private func scaling(_ s: RunSummary) -> String {
    let exponents =
      s.gamma.flatMap { g in s.gammaPrime.map { "gamma \(g), gamma' \($0)  " } } ?? ""
    return exponents + String(format: "kappa %.4g, kappa' %.4g", s.kappa, s.kappaPrime)
  }

  private func originalModel(_ model: OriginalModelSummary) -> String {
    var text = model.initialization.map { $0 + "  " } ?? ""
    text += String(
      format: "alpha %.4g, beta1 %.4g, beta2 %.4g", model.alpha, model.beta1, model.beta2)
    if let gamma = model.gamma, let gammaPrime = model.gammaPrime {
      text += String(format: "; at this width gamma %.4g, gamma' %.4g", gamma, gammaPrime)
    }
    if let gamma = model.gammaLimit, let gammaPrime = model.gammaPrimeLimit {
      text +=
        String(format: "; for m -> infinity (%g, %g), ", gamma, gammaPrime)
        + PhaseRegion(gamma: gamma, gammaPrime: gammaPrime).rawValue
    }
    return text
  }

  private func row(_ label: String, _ text: String) -> String { summaryRow(label, text) }
}

/// One indented line with a label.
func summaryRow(_ label: String, _ text: String) -> String {
  "  " + label.padding(toLength: max(18, label.count + 1), withPad: " ", startingAt: 0) + text
}

func costText(_ statistics: Statistics) -> String {
  String(
    format: "%d steps accepted, %d rejected, nfev %d, %.3g s", statistics.accepted,
    statistics.rejected, statistics.nfev, statistics.wallSeconds)
}

/// What observers said, one line each.
func observerRows(_ observers: [String: [String: ObservedValue]]) -> [String] {
  observers.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { name, values in
    let text = values.sorted { $0.key < $1.key }.compactMap { key, value in
      short(value).map { "\(key) \($0)" }
    }.joined(separator: ", ")
    return summaryRow(name, text)
  }
}

/// Where the results and pictures are.
func resultRows(_ folder: URL?) -> [String] {
  guard let folder else {
    return [summaryRow("results", "not kept; --out DIR writes the trajectory and pictures")]
  }
  let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  return [summaryRow("results", folder.path)]
    + files.filter { $0.hasSuffix(".png") }.sorted().map {
      summaryRow("picture", folder.appending(path: $0).path)
    }
}

private func short(_ value: ObservedValue) -> String? {
  switch value {
  case .number(let x): x.isFinite ? String(format: "%.5g", x) : "-"
  case .integer(let i): "\(i)"
  case .text(let text): text
  case .flag(let flag): flag ? "yes" : "no"
  case .numbers: nil
  }
}
