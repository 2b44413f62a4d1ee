import Networks
import ODECore

extension ODEProblem {
  /// The problem of a gradient flow under other dynamics, from rest.
  ///
  /// A problem whose system is no ``/ODECore/GradientSystem`` is a programmer's mistake and traps.
  ///
  /// - Throws: ``/ODECore/ODEProblemError``.
  public func moved(by dynamics: any Dynamics) throws -> ODEProblem {
    guard let flow = system as? any GradientSystem else {
      preconditionFailure("dynamics move gradient flows")
    }
    let system = DynamicsSystem.make(flow, dynamics)
    return try moved(by: system, rest: system.initialRest)
  }
}
