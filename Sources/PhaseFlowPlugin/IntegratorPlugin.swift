import CPluginABI
import ODECore

/// A method (``/ODECore/Integrator``) for `y' = f(t, y)` that can be loaded at run time.
///
/// ``/ODECore/Integrator/makeState(for:restart:)`` prepares an integration; its state takes accepted steps one at a
/// time, and has a dense output (``/ODECore/HermiteStep`` is one for any method). What the problem's system knows of
/// itself, its Jacobian for example, it says by conforming to `DenseJacobianProviding` and the like.
///
/// Loaded at run time a `Restart` has a step size and an error history only, and remarks and the choice of a method are
/// not passed on.
public protocol IntegratorPlugin: PluginDescription, Integrator {
  /// Of a method with fixed steps: halving them divides the error by `2^order`; `phaseflow plugins check` measures it.
  /// 0: not claimed.
  static var order: Int { get }
  /// Whether all steps have the size `fixedStep`, shorter only to land on the limit.
  static var takesFixedSteps: Bool { get }

  /// - Parameters:
  ///   - parameters: a value for each of ``PluginDescription/parameters``, within its range.
  ///   - rtol: the relative tolerance.
  ///   - atol: the absolute one, in units of `y`.
  ///   - fixedStep: the size (positive) of all steps of a method that ``takesFixedSteps``; else `nil`.
  /// - Throws: whatever says best why these values cannot be.
  init(_ parameters: Parameters, rtol: Double, atol: Double, fixedStep: Double?) throws
}

extension IntegratorPlugin {
  public static var takesFixedSteps: Bool { false }
  /// The type's; give it the values of the parameters where there are any.
  public var name: String { Self.name }
  public var isAdaptive: Bool { !Self.takesFixedSteps }

  static var table: phaseflow_integrator {
    var table = phaseflow_integrator(Self.self) { try Method(Self.self, $0) }
    table.order = Int32(order)
    table.takes_fixed_steps = takesFixedSteps ? 1 : 0
    table.start = { instance, problem, state, message in
      status({ message.pointee = $0 }) {
        state.pointee = retained(try object(Method.self, instance).start(problem))
      }
    }
    table.stop = { release($0) }
    table.advance = { state, limit, result in
      let me = object(Integration.self, state)
      return status({ result.pointee.message = $0 }) { try me.advance(to: limit, &result.pointee) }
    }
    table.interpolate = { state, t, y in
      let me = object(Integration.self, state)
      return status({ _ in }) {
        var result = mutable(y, me.y.count).mutableSpan
        try me.state.interpolate(at: t, into: &result)
      }
    }
    table.memory_count = { object(Integration.self, $0).state.restart.errorHistory.count }
    table.save_memory = { state, values in
      for (i, value) in object(Integration.self, state).state.restart.errorHistory.enumerated() {
        values[i] = value
      }
    }
    return table
  }
}

/// A method with its parameters; its tolerances come with each problem.
private final class Method {
  private let make: (phaseflow_problem) throws -> any IntegratorPlugin

  /// - Throws: what the type throws for these parameters.
  init<Plugin: IntegratorPlugin>(_ type: Plugin.Type, _ parameters: Parameters) throws {
    _ = try type.init(parameters, rtol: 1e-6, atol: 1e-9, fixedStep: type.takesFixedSteps ? 1 : nil)
    make = {
      try type.init(
        parameters, rtol: $0.rtol, atol: $0.atol, fixedStep: type.takesFixedSteps ? $0.fixed_step : nil)
    }
  }

  func start(_ table: UnsafePointer<phaseflow_problem>) throws -> Integration {
    let (given, dimension) = (table.pointee, table.pointee.dimension)
    let problem = try ODEProblem(
      HostSystem.make(table), from: given.initial_time, to: given.final_time,
      initialState: Array(span(given.initial_state, dimension)))
    let memory = given.memory.map { Array(span($0, given.memory_count)) } ?? []
    let isNew = given.next_step == 0 && memory.isEmpty
    let method = try make(given)
    if let reason = method.refusal(of: problem) { throw IntegrationFailure(.initialFailure, reason) }
    return Integration(
      try method.makeState(
        for: problem, restart: isNew ? nil : Restart(stepSize: given.next_step, errorHistory: memory)),
      count: dimension)
  }
}

/// An integration, with the state at the end of its last step where C can read it.
private final class Integration {
  let state: any IntegratorState
  let y: StateVector
  private var counted = Statistics()

  init(_ state: any IntegratorState, count: Int) {
    self.state = state
    y = StateVector(count: count)
  }

  func advance(to limit: Double, _ step: inout phaseflow_step) throws {
    defer {
      let statistics = state.statistics
      step.rejected = UInt64(max(0, statistics.rejected - counted.rejected))
      step.error_test_failures = UInt64(max(0, statistics.netf - counted.netf))
      step.order = Int32(statistics.lastOrder)
      counted = statistics
    }
    try state.advance(to: limit)
    state.withState { $0.withUnsafeBufferPointer { y.pointer.update(from: $0.baseAddress!, count: y.count) } }
    step.time = state.time
    step.y = UnsafePointer(y.pointer)
    step.next_step = state.restart.stepSize
  }
}

/// The status that belongs to what `body` throws.
private func status(_ message: (UnsafePointer<CChar>) -> Void, _ body: () throws -> Void) -> Int32 {
  do {
    try body()
    return PHASEFLOW_OK
  } catch is HostFailure {
    return PHASEFLOW_STOP
  } catch let failure as IntegrationFailure {
    message(forever(failure.message))
    return switch failure.code {
    case .nonFinite: PHASEFLOW_NON_FINITE
    case .stepSizeUnderflow: PHASEFLOW_STEP_UNDERFLOW
    case .initialFailure: PHASEFLOW_CANNOT_START
    case .tooMuchAccuracy: PHASEFLOW_TOO_ACCURATE
    case .tooStiff: PHASEFLOW_TOO_STIFF
    default: PHASEFLOW_NO_CONVERGENCE
    }
  } catch {
    message(forever("\(error)"))
    return PHASEFLOW_NO_CONVERGENCE
  }
}
