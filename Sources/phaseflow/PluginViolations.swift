import Foundation
import GradientFlow
import ODECore
import ODETestKit
import PluginKit

/// Runs the conformance suites of `ODETestKit` on the plug-ins of `own`, made with default parameters.
final class PluginViolations {
  let own: PluginCatalog
  let builtin: PluginCatalog
  /// The orders that integrators claim, by name.
  let claimedOrders: [String: Int]
  /// Told what is going to be tested, in case it never comes back.
  let stage: (String) -> Void
  private(set) var violations: [String] = []

  init(
    own: PluginCatalog, builtin: PluginCatalog, claimedOrders: [String: Int],
    stage: @escaping (String) -> Void
  ) {
    self.own = own
    self.builtin = builtin
    self.claimedOrders = claimedOrders
    self.stage = stage
  }

  /// Each violation with the plug-in's name before it.
  func run() throws -> [String] {
    for name in own.activations.entries.map(\.name) { checkActivation(name) }
    for name in own.losses.entries.map(\.name) { checkLoss(name) }
    if !own.observers.entries.isEmpty { try checkObservers() }
    for name in own.systems.entries.map(\.name) { checkSystem(name) }
    for name in own.integrators.entries.map(\.name) { checkIntegrator(name) }
    return violations
  }

  private func collect(_ item: String, _ what: String, _ check: () throws -> [String]) {
    stage("\(item), \(what)")
    do {
      violations += try check().map { "\(item): \($0)" }
    } catch {
      let text = "\(error)"
      violations.append(text.hasPrefix(item) ? text : "\(item): \(text)")
    }
  }

  private func checkActivation(_ name: String) {
    let item = "activation '\(name)'"
    collect(item, "the memory it is given") {
      try MemoryConformance.violations(of: own.activations.make(name))
    }
    collect(item, "its derivatives and claims") {
      try ActivationConformance.violations(of: own.activations.make(name))
    }
  }

  private func checkLoss(_ name: String) {
    let item = "loss '\(name)'"
    collect(item, "the memory it is given, and its derivatives") {
      let loss = try own.losses.make(name)
      let candidates: [Double] = [-1, 0, 0.3, 1, 2]
      let targets = candidates.filter { (try? loss.validate(targets: [$0])) != nil }
      if targets.isEmpty { return ["it accepts none of the targets \(candidates)"] }
      return MemoryConformance.violations(of: loss, target: targets[0])
        + LossConformance.violations(of: loss, targets: targets)
    }
  }

  /// On a network and, if they can watch it, on a system.
  private func checkObservers() throws {
    let flow = try TwoLayerFlow(
      width: 6, data: builtin.datasets.make("four-points"), scaling: Scaling(kappa: 0.5, kappaPrime: 2),
      activation: builtin.activations.make("relu"), loss: builtin.losses.make("mse"))
    let start = (0..<flow.dimension).map { Double($0 % 7) - 3.25 }
    let problems = [
      ("network", try ODEProblem(flow, to: 1, initialState: start)),
      ("system", try builtin.systems.make("lorenz").problem(to: 1)),
    ]
    for name in own.observers.entries.map(\.name) {
      for (kind, problem) in problems {
        collect("observer '\(name)'", "a short run of a \(kind), again and resumed") {
          guard try own.observers.make(name).refusal(of: problem) == nil else { return [] }
          return try ObserverConformance.violations(on: problem) { try own.observers.make(name) }
        }
      }
    }
  }

  private func checkSystem(_ name: String) {
    let item = "system '\(name)'"
    collect(item, "the memory it is given") {
      let model = try own.systems.make(name)
      return try MemoryConformance.violations(of: model.system, at: model.initialTime, model.initialState)
    }
    collect(item, "its events, invariants and discontinuities") {
      let model = try own.systems.make(name)
      let problem = try model.problem(to: model.finalTime ?? model.initialTime + 1)
      let found = try MemoryConformance.violations(ofFunctionsOf: problem)
      // A function that cannot throw is told of by the next that can.
      _ = try MemoryConformance.violations(of: model.system, at: model.initialTime, model.initialState)
      return found
    }
    collect(item, "its derivatives and determinism") {
      let model = try own.systems.make(name)
      return SystemConformance().violations(of: model.system, at: try points(model))
    }
  }

  /// The start, and where the first steps lead.
  private func points(_ model: SystemModel) throws -> [(t: Double, y: [Double])] {
    var options = IntegrationOptions()
    options.maxSteps = 50
    let end = model.finalTime ?? model.initialTime + 1
    let method = try builtin.integrators.make("dormand-prince")(IntegratorSettings(rtol: 1e-6, atol: 1e-9))
    let solution = try integrate(
      ODEProblem(model.system, from: model.initialTime, to: end, initialState: model.initialState),
      with: method, options: options)
    return [(model.initialTime, model.initialState), (solution.time, solution.state)]
  }

  private func checkIntegrator(_ name: String) {
    let item = "integrator '\(name)'"
    func method(_ rtol: Double, step: Double? = nil) throws -> any Integrator {
      try own.integrators.make(name)(IntegratorSettings(rtol: rtol, atol: rtol / 1000, fixedStep: step))
    }
    let isAdaptive = (try? method(1e-6)) != nil
    collect(item, "the memory it is given") {
      let model = try builtin.systems.make("lorenz")
      let problem = try ODEProblem(
        model.system, from: model.initialTime, to: model.initialTime + 1, initialState: model.initialState)
      let integrator = try isAdaptive ? method(1e-6) : method(1e-6, step: 1e-3)
      return try MemoryConformance.violations(of: integrator, on: problem)
    }
    collect(item, "its contract") {
      let integrator = try isAdaptive ? method(1e-6) : method(1e-6, step: 1e-3)
      return IntegratorConformance().violations(of: integrator)
    }
    guard let claim = claimedOrders[name] else { return }
    collect(item, "the order of its dense output") {
      let order =
        try isAdaptive
        ? OrderClaim.measuredDense([1e-3, 1e-4, 1e-5, 1e-6]) { try method($0) }
        : OrderClaim.measuredDense([0.1, 0.05, 0.025, 0.0125]) { try method(1e-6, step: $0) }
      let least = OrderClaim.denseOrder(of: claim)
      return order >= Double(least) - OrderClaim.slack
        ? []
        : [
          String(
            format: "the dense output of a method of order %d is of order %.2f; it must be %d", claim, order,
            least)
        ]
    }
    collect(item, "its order") {
      let order =
        try isAdaptive
        ? OrderClaim.measured { try method($0) } : OrderClaim.measuredFixed { try method(1e-6, step: $0) }
      let text = String(format: "%.2f", order)
      return order >= Double(claim) - OrderClaim.slack
        ? [] : ["it claims order \(claim), measured is \(text)"]
    }
  }
}
