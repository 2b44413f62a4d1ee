import CPluginABI
import CPluginGuard
import ODECore

/// An integrator from a plug-in library.
struct RuntimeIntegrator: Integrator {
  let name: String
  let isAdaptive: Bool
  private let settings: IntegratorSettings
  /// Of a method whose steps all have one size; else 0.
  private let fixedStep: Double
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_integrator
  private let item: String

  /// - Throws: ``PluginError`` if the method takes fixed steps and there is none, or for tolerances by component.
  init(
    _ plugin: RuntimePlugin<phaseflow_integrator>, _ instance: RuntimeInstance,
    _ settings: IntegratorSettings
  ) throws {
    name = instance.specification
    descriptor = plugin.descriptor
    item = plugin.item
    try settings.requireOneTolerance(of: plugin.name)
    isAdaptive = descriptor.takes_fixed_steps == 0
    fixedStep = isAdaptive ? 0 : try settings.givenStep(of: plugin.name)
    self.instance = instance
    self.settings = settings
  }

  func makeState(for problem: ODEProblem, restart: Restart?) throws -> RuntimeIntegratorState {
    let host = RuntimeProblem(problem, settings, fixedStep: fixedStep, restart)
    var state: UnsafeMutableRawPointer?
    var message: UnsafePointer<CChar>?
    let status = try instance.call("start") {
      cguard_start($0, descriptor.start, instance.pointer, host.table, &state, &message)
    }
    if status == PHASEFLOW_OK {
      return RuntimeIntegratorState(descriptor, instance, item, problem, host, state)
    }
    try host.rethrow()
    throw IntegrationFailure(status, item, "start", message)
  }
}

extension IntegrationFailure {
  /// What a status of `phaseflow_plugin.h` means.
  init(_ status: Int32, _ item: String, _ call: String, _ message: UnsafePointer<CChar>?) {
    let code: ReturnCode =
      switch status {
      case PHASEFLOW_NON_FINITE: .nonFinite
      case PHASEFLOW_STEP_UNDERFLOW: .stepSizeUnderflow
      case PHASEFLOW_CANNOT_START: .initialFailure
      case PHASEFLOW_TOO_ACCURATE: .tooMuchAccuracy
      case PHASEFLOW_TOO_STIFF: .tooStiff
      default: call == "start" ? .initialFailure : .convergenceFailure
      }
    let reason = message.map { String(cString: $0) } ?? "status \(status), without a reason"
    self.init(code, "\(item) failed in \(call): \(reason)")
  }
}

extension phaseflow_integrator: RuntimeDescriptor {
  static var kind: String { "integrator" }
  static var smallestSize: Int { MemoryLayout<Self>.size }
  var missingFunction: String? { start == nil ? "start" : advance == nil ? "advance" : nil }
  var inconsistency: String? {
    if order < 0 { return "order is \(order); it must be at least 1, or 0 for no claim" }
    return (memory_count == nil) != (save_memory == nil)
      ? "of memory_count and save_memory give both or none" : nil
  }
}
