import GradientFlow
import ODETestKit
import PluginKit

/// What is wrong with the activations, losses and observers of `own`, made with default parameters:
/// the conformance suites of `ODETestKit`, each violation with the plug-in's name before it.
func pluginViolations(_ own: PluginCatalog, builtin: PluginCatalog) throws -> [String] {
  var violations: [String] = []
  func collect(_ kind: String, _ name: String, _ check: () throws -> [String]) {
    do {
      violations += try check().map { "\(kind) '\(name)': \($0)" }
    } catch {
      violations.append("\(kind) '\(name)': \(error)")
    }
  }
  for entry in own.activations.entries {
    collect("activation", entry.name) {
      ActivationConformance.violations(of: try own.activations.make(entry.name))
    }
  }
  for entry in own.losses.entries {
    collect("loss", entry.name) {
      let loss = try own.losses.make(entry.name)
      let targets = acceptedTargets(loss)
      if targets.isEmpty { return ["it accepts none of the targets \(candidateTargets)"] }
      return LossConformance.violations(of: loss, targets: targets)
    }
  }
  if own.observers.entries.isEmpty { return violations }
  let flow = try TwoLayerFlow(
    width: 6, data: builtin.datasets.make("four-points"), scaling: Scaling(kappa: 0.5, kappaPrime: 2),
    activation: builtin.activations.make("relu"), loss: builtin.losses.make("mse"))
  for entry in own.observers.entries {
    collect("observer", entry.name) {
      try ObserverConformance.violations(on: flow) { try own.observers.make(entry.name) }
    }
  }
  return violations
}

private let candidateTargets: [Double] = [-1, 0, 0.3, 1, 2]

/// Those of ``candidateTargets`` that `loss` accepts.
private func acceptedTargets(_ loss: any Loss) -> [Double] {
  candidateTargets.filter { (try? loss.validate(targets: [$0])) != nil }
}
