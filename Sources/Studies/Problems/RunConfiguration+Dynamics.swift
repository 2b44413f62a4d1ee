import Networks
import ODECore
import PluginKit
import TrainingDynamics

extension RunConfiguration {
  /// Refuses an end time before a network's start; infinity is until it is at rest.
  func checkEnd() throws {
    if let end = self.tEnd, !(end > 0) { throw UsageError("t-end is \(end); it must be positive") }
  }

  /// What moves the parameters.
  ///
  /// - Throws: ``UsageError`` if such a run would have no end.
  func makeDynamics(_ catalog: PluginCatalog) throws -> any Dynamics {
    let dynamics = try catalog.dynamics.make(self.dynamics)
    guard dynamics.restsWithoutForce || self.tEnd != nil || self.stopLoss != nil else {
      throw UsageError(
        "dynamics '\(self.dynamics)' reaches a steady state at a loss that is not known beforehand; give t-end (inf: until it is at rest) or stop-loss"
      )
    }
    let shrinks = (dynamics as? any LinearDynamics).map { $0.order == 1 && $0.isAutonomous } ?? false
    if self.tEnd == .infinity, !dynamics.isGradientFlow, !shrinks {
      throw UsageError(
        "t-end is inf; under dynamics '\(self.dynamics)' a steady state is not recognised, give a time")
    }
    return dynamics
  }
}

extension ODEProblem {
  /// The gradient flow's problem under `dynamics`; itself for the gradient flow.
  func under(_ dynamics: any Dynamics) throws -> ODEProblem {
    dynamics.isGradientFlow ? self : try moved(by: dynamics)
  }

  /// What else than the gradient flow moves the parameters.
  var dynamics: (any Dynamics)? { (system as? DynamicsSystem)?.dynamics }

  /// The fastest rate at the start, of a motion that knows it; else `flow`, the gradient flow's.
  func fastestRate(orOfFlow flow: Double) throws -> Double {
    guard positions != nil, let system = system as? any SpectralRadiusEstimating else { return flow }
    return try system.spectralRadius(initialTime, initialState.span)
  }
}
