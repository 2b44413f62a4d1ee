import CSundials
import ODECore

/// Owns the shim's handle and what it points to.
final class CVODESolver {
  private let handle: OpaquePointer
  let bridge: SystemBridge

  init(_ problem: ODEProblem, _ settings: CVODESettings, _ initial: StateVector) throws {
    let sensitivities = problem.system as? SensitivitySystem
    // CVODES integrates the system alone and its sensitivities beside it.
    let system = sensitivities?.base ?? problem.system
    try settings.validate(for: system)
    let bridge = SystemBridge(
      system, sensitivities, settings.logger, settings.linearSolver(for: system),
      atol: settings.atols?.min() ?? settings.atol)
    self.bridge = bridge
    var options = settings.options(for: system)
    var callbacks = bridge.callbacks()
    options.sensitivities = Int32(sensitivities?.variations.count ?? 0)
    var flag: Int32 = 0
    let scales = sensitivities?.variations.map(\.scale)
    let pattern = (options.linear == CSUNDIALS_SPARSE ? system as? any SparseStructured : nil)?.sparsity
      .map { $0.starts.map(Int64.init) + $0.rows.map(Int64.init) }
    let made = withOptional(settings.atols.map { Array($0.prefix(system.dimension)) }) { atols in
      withOptional(scales) { scales in
        withOptional(pattern) { pattern in
          (options.atols, options.scales, options.pattern) = (atols, scales, pattern)
          return csundials_cvode_create(
            Int64(system.dimension), problem.initialTime, initial.pointer, &options, &callbacks, &flag)
        }
      }
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

/// Calls `body` with the array's elements, or with `nil`.
func withOptional<Element, R>(_ array: [Element]?, _ body: (UnsafePointer<Element>?) -> R) -> R {
  guard let array else { return body(nil) }
  return array.withUnsafeBufferPointer { body($0.baseAddress) }
}
