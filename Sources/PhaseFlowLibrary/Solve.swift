import CPhaseFlow
import ODECore
import PluginKit
import Studies

/// `phaseflow_solve` of phaseflow.h.
@_cdecl("phaseflow_solve")
public func solve(
  _ f: phaseflow_right_hand_side?, _ user: UnsafeMutableRawPointer?, _ count: Int, _ t0: Double,
  _ end: Double, _ y0: UnsafePointer<Double>, _ options: UnsafePointer<phaseflow_solve_options>?
) -> OpaquePointer {
  CallResult.of {
    guard let f else { throw ArgumentError("the right-hand side is NULL") }
    guard count > 0 else { throw ArgumentError("the state has \(count) numbers; there must be at least one") }
    let options = try readOptions(options, phaseflow_solve_options(), "phaseflow_solve_options")
    return try Solving(f, user, [Double](UnsafeBufferPointer(start: y0, count: count)), t0, end, options)
      .run()
  }
}

/// One call of `phaseflow_solve`.
private struct Solving {
  private let options: phaseflow_solve_options
  private let problem: ODEProblem
  private let method: any Integrator
  private let times: [Double]?
  private let positive: [Int]

  init(
    _ f: @escaping phaseflow_right_hand_side, _ user: UnsafeMutableRawPointer?, _ start: [Double],
    _ t0: Double, _ end: Double, _ options: phaseflow_solve_options
  ) throws {
    self.options = options
    let count = start.count
    let memory = CallMemory(y: options.y_buffer, output: options.ydot_buffer)
    let bandwidths =
      options.is_banded == 0
      ? nil : (lower: min(options.lower_bandwidth, count - 1), upper: min(options.upper_bandwidth, count - 1))
    let system =
      options.jacobian.map {
        CallbackSystemWithJacobian(
          f, jacobian: $0, user, dimension: count, bandwidths: bandwidths, memory)
      } ?? CallbackSystem(f, user, dimension: count, bandwidths: bandwidths, memory)
    let events = try (0..<options.event_count).map { try Event(options, $0, memory) }
    do {
      problem = try ODEProblem(system, from: t0, to: end, initialState: start, events: events)
    } catch let error as ODEProblemError {
      throw ArgumentError("\(error)")
    }
    times = options.times.map { [Double](UnsafeBufferPointer(start: $0, count: options.time_count)) }
    positive =
      options.positive.map { [Int](UnsafeBufferPointer(start: $0, count: options.positive_count)) } ?? []
    for i in positive where !start.indices.contains(i) || start[i] < 0 {
      throw ArgumentError(
        start.indices.contains(i)
          ? "positive: component \(i) begins at \(start[i])"
          : "positive: there is no component \(i), the state has \(count) numbers")
    }
    method = try Self.method(options, count)
    guard options.step == 0 || !method.isAdaptive else {
      throw ArgumentError(
        "step is given, but '\(method.name)' chooses its steps itself; leave it out, or use euler, rk4 or verlet"
      )
    }
    if let reason = method.refusal(of: problem) { throw ArgumentError("\(method.name): \(reason)") }
  }

  private static func method(_ options: phaseflow_solve_options, _ count: Int) throws -> any Integrator {
    let isDefault = options.rtol == 0 && options.atol == 0 && options.atols == nil
    var settings = IntegratorSettings(
      rtol: isDefault ? 1e-6 : options.rtol, atol: isDefault ? 1e-9 : options.atol)
    settings.atols = options.atols.map { [Double](UnsafeBufferPointer(start: $0, count: count)) }
    if options.step > 0 { settings.fixedStep = options.step }
    if options.max_step > 0 { settings.maxStep = options.max_step }
    if options.first_step > 0 { settings.initialStep = options.first_step }
    let name = options.integrator.map { String(cString: $0) } ?? "auto"
    do {
      return try builtIn.get().integrators.make(name)(settings)
    } catch let error as PluginError {
      throw ArgumentError("\(error)")
    }
  }

  func run() throws -> CallResult {
    var integration = IntegrationOptions()
    integration.positive = positive
    if options.max_steps > 0 { integration.maxSteps = Int(clamping: options.max_steps) }
    if options.max_step > 0 { integration.maxStep = options.max_step }
    if options.first_step > 0 { integration.initialStep = options.first_step }
    if let watch = Watch(options.progress, options.progress_user, options.progress_interval) {
      let cancellation = Cancellation()
      integration.cancellation = cancellation
      integration.progressInterval = watch.interval
      let (from, span) = (problem.initialTime, problem.finalTime - problem.initialTime)
      integration.progress = {
        let fraction = span.isFinite ? ($0.time - from) / span : 0
        if watch.tell(fraction: fraction, time: $0.time, steps: $0.statistics.accepted) {
          cancellation.cancel()
        }
      }
    }
    var salvaged: Solution?
    integration.salvage = { salvaged = $0 }
    let atEvents = EventStates(problem)
    let dense = options.dense_output == 0 ? nil : DenseSolution(problem)
    let saving = times.map { SaveTimes.list($0) } ?? .everyStep
    var observers: [any Observer] = problem.events.isEmpty ? [] : [atEvents]
    if let dense { observers.append(dense) }
    let solution: Solution
    do {
      solution = try integrate(problem, method, observers, saving, integration)
    } catch let error as SaveTimesError {
      throw ArgumentError("\(error)")
    } catch {
      guard let salvaged else {
        return CallResult(status: PHASEFLOW_FAILED, returnCode: "failed", message: "\(error)")
      }
      solution = salvaged
    }
    return try result(solution, atEvents, dense)
  }

  private func result(_ solution: Solution, _ atEvents: EventStates, _ dense: DenseSolution?) throws
    -> CallResult
  {
    let code = solution.returnCode
    let result = CallResult(
      status: code == .interrupted
        ? PHASEFLOW_INTERRUPTED : code.isSuccess ? PHASEFLOW_DONE : PHASEFLOW_FAILED,
      returnCode: code.rawValue, message: solution.message)
    let count = problem.system.dimension
    if let times {
      // The first and the last state always are there.
      let wanted = Set(times)
      let kept = solution.savedTimes.indices.filter { wanted.contains(solution.savedTimes[$0]) }
      result.add("t", kept.map { solution.savedTimes[$0] })
      result.add("y", rows: kept.map { solution.savedStates[$0] }, columns: count)
    } else {
      result.add("t", solution.savedTimes)
      result.add("y", rows: solution.savedStates, columns: count)
    }
    result.add("end", [solution.time] + solution.state)
    for index in problem.events.indices {
      let (times, states) = atEvents.found[index]
      result.add("event.\(index).t", times)
      result.add("event.\(index).y", shape: [times.count, count], states)
    }
    if let dense { result.add("steps", dense.breakpoints) }
    result.set("statistics", solution.statistics.json)
    result.set("remarks", solution.remarks.isEmpty ? "[]" : try JSONText.compact(solution.remarks))
    if let choice = solution.choice { result.set("choice", choice) }
    result.dense = dense
    return result
  }
}

/// Remembers the state at every event.
private final class EventStates: Observer {
  /// For each event: the times, and the states one after the other.
  private(set) var found: [(times: [Double], states: [Double])]

  init(_ problem: ODEProblem) { found = problem.events.map { _ in ([], []) } }

  func event(_ crossing: EventCrossing, _ moment: Moment) {
    found[crossing.index].times.append(crossing.time)
    moment.withState { y in for i in 0..<y.count { found[crossing.index].states.append(y[i]) } }
  }
}

extension Event {
  fileprivate init(_ options: phaseflow_solve_options, _ index: Int, _ memory: CallMemory) throws {
    guard let list = options.events else { throw ArgumentError("events are counted and not given") }
    // Of the size that the caller's header has.
    let first = UnsafeRawPointer(list)
    let size = first.load(as: Int.self)
    let request = try readOptions(
      (first + index * size).assumingMemoryBound(to: phaseflow_event_request.self),
      phaseflow_event_request(), "phaseflow_event_request")
    guard let function = request.function else { throw ArgumentError("events[\(index)].function is NULL") }
    let (name, user) = ("\(index)", request.user)
    self.init(
      name, direction: request.direction == 0 ? .any : request.direction > 0 ? .rising : .falling,
      isTerminal: request.terminal > 0, occurrences: max(1, Int(request.terminal))
    ) { t, y in
      var g = Double.nan
      let code = y.withUnsafeBufferPointer { function(t, memory.input($0), &g, user) }
      if code != 0 { throw CallbackError(function: "event \(name)", code: code, time: t) }
      return g
    }
  }
}

/// Opens the existential.
private func integrate(
  _ problem: ODEProblem, _ method: any Integrator, _ observers: [any Observer], _ saving: SaveTimes,
  _ options: IntegrationOptions
) throws -> Solution {
  try ODECore.integrate(problem, with: method, observers: observers, saving: saving, options: options)
}
