import CSundials
import ODECore

/// Owns the shim's handle and what it points to.
final class CVODESolver {
  private let handle: OpaquePointer
  let bridge: SystemBridge

  init(_ problem: ODEProblem, _ settings: CVODESettings, _ initial: StateVector) throws {
    let bridge = SystemBridge(
      problem.system, settings.logger, differences: settings.linearSolver(for: problem.system) == .dense,
      atol: settings.atols?.min() ?? settings.atol)
    self.bridge = bridge
    try settings.validate(for: problem.system)
    var options = settings.options(for: problem.system)
    var callbacks = bridge.callbacks()
    var flag: Int32 = 0
    func create() -> OpaquePointer? {
      csundials_cvode_create(
        Int64(initial.count), problem.initialTime, initial.pointer, &options, &callbacks, &flag)
    }
    let made =
      if let atols = settings.atols {
        atols.withUnsafeBufferPointer {
          options.atols = $0.baseAddress
          return create()
        }
      } else {
        create()
      }
    guard let made else {
      throw CVODEFlag(flag).creationFailure(settings.integrator, initial.count, bridge.lastMessage)
    }
    handle = made
  }

  deinit { csundials_cvode_destroy(handle) }

  func setInitialStep(_ h: Double) -> CVODEFlag {
    CVODEFlag(csundials_cvode_set_initial_step(handle, h))
  }

  func setStopTime(_ t: Double) -> CVODEFlag { CVODEFlag(csundials_cvode_set_stop_time(handle, t)) }

  func step(towards tout: Double, into y: StateVector, _ report: inout csundials_report) -> CVODEFlag {
    bridge.beginStep()
    return CVODEFlag(csundials_cvode_step(handle, tout, y.pointer, &report))
  }

  func interpolate(at t: Double, into y: UnsafeMutablePointer<Double>) -> CVODEFlag {
    CVODEFlag(csundials_cvode_interpolate(handle, t, y))
  }

  var counters: csundials_statistics {
    var counters = csundials_statistics()
    csundials_cvode_statistics(handle, &counters)
    return counters
  }

  var nonFinite: csundials_nonfinite { csundials_cvode_nonfinite(handle) }
}
