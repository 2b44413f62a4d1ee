import CPluginABI
import CPluginGuard
import Networks
import ODECore

/// An integration by an integrator from a library: what it says is checked before it is believed.
final class RuntimeIntegratorState: IntegratorState {
  private let descriptor: phaseflow_integrator
  private let item: String
  private let instance: RuntimeInstance
  private let host: RuntimeProblem
  private let state: UnsafeMutableRawPointer?
  private let direction: Double
  private let count: Int
  private let initial: StateVector
  private var y: UnsafePointer<Double>
  private(set) var time: Double
  private(set) var previousTime: Double
  private var counters = Statistics()
  private var nextStep = 0.0
  /// What was wrong when its memory was saved; thrown by the next step.
  private var memoryFault: (any Error)?
  /// For a method without dense output of its own.
  private let hermite: HermiteStep?

  init(
    _ descriptor: phaseflow_integrator, _ instance: RuntimeInstance, _ item: String, _ problem: ODEProblem,
    _ host: RuntimeProblem, _ state: UnsafeMutableRawPointer?
  ) {
    self.descriptor = descriptor
    self.instance = instance
    self.item = item
    self.host = host
    self.state = state
    direction = problem.direction
    initial = StateVector(problem.initialState)
    count = initial.count
    y = UnsafePointer(initial.pointer)
    time = problem.initialTime
    previousTime = time
    hermite = descriptor.interpolate == nil ? HermiteStep(count: count) : nil
    counters.lastOrder = Int(descriptor.order)
  }

  deinit {
    guard let stop = descriptor.stop else { return }
    do { try instance.call("stop") { cguard_destroy($0, stop, state) } } catch { PluginGuard.noteEnd(error) }
  }

  var statistics: Statistics {
    var total = host.counters
    total.accepted = counters.accepted
    total.rejected = counters.rejected
    total.netf = counters.netf
    total.lastOrder = counters.lastOrder
    total.lastStepSize = counters.lastStepSize
    return total
  }

  var restart: Restart {
    guard let count = descriptor.memory_count, let save = descriptor.save_memory else {
      return Restart(stepSize: nextStep)
    }
    do {
      let size = try instance.call("memory_count") { cguard_count($0, count, state) }
      let memory = try savedMemory(item, size) { values in
        try instance.call("save_memory") { cguard_save_memory($0, save, state, values) }
      }
      return Restart(stepSize: nextStep, errorHistory: memory)
    } catch {
      memoryFault = error
      return Restart(stepSize: nextStep)
    }
  }

  func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    try body(UnsafeBufferPointer(start: y, count: count).span)
  }

  func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of \(time)")
    if let memoryFault { throw memoryFault }
    let start = time
    previousTime = time
    hermite?.begin(y)
    var step = phaseflow_step()
    step.struct_size = MemoryLayout<phaseflow_step>.size
    let status = try instance.call("advance") { cguard_advance($0, descriptor.advance, state, limit, &step) }
    counters.rejected += Int(clamping: step.rejected)
    counters.netf += Int(clamping: step.error_test_failures)
    try host.rethrow()
    guard status == PHASEFLOW_OK else {
      throw IntegrationFailure(status, item, "advance", step.message)
    }
    guard (step.time - start) * direction > 0, (limit - step.time) * direction >= 0 else {
      throw broken("a step from t = \(start) with the limit \(limit) ended at t = \(step.time)")
    }
    guard let result = step.y else { throw broken("step->y is NULL after a step to t = \(step.time)") }
    let values = UnsafeBufferPointer(start: result, count: count)
    guard values.span.isFinite else {
      let bad = values.firstIndex { !$0.isFinite }!
      throw IntegrationFailure(
        .nonFinite, "\(item) accepted a state with \(values[bad]) in component \(bad) at t = \(step.time)")
    }
    y = result
    time = step.time
    hermite?.accept()
    counters.accepted += 1
    counters.lastStepSize = time - start
    if step.order > 0 { counters.lastOrder = Int(step.order) }
    nextStep = step.next_step.isFinite && step.next_step * direction > 0 ? step.next_step : time - start
  }

  func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    if t == time {
      for i in 0..<count { result[i] = y[i] }
      return
    }
    guard let interpolate = descriptor.interpolate else {
      return try hermite!.interpolate(at: t, previousTime, time, y, into: &result) {
        try host.derivative($0, $1, into: &$2)
      }
    }
    let status = try result.withUnsafeMutableBufferPointer { result in
      try instance.call("interpolate") { cguard_interpolate($0, interpolate, state, t, result.baseAddress!) }
    }
    try host.rethrow()
    guard status == PHASEFLOW_OK else {
      throw broken("interpolate returned \(status) at t = \(t) in the step from \(previousTime) to \(time)")
    }
    guard result.span.isFinite else {
      throw broken("interpolate gave a number that is not finite at t = \(t)")
    }
  }

  private func broken(_ what: String) -> RuntimeCallError {
    RuntimeCallError(item: item, call: "advance or interpolate, against its contract", reason: what)
  }
}
