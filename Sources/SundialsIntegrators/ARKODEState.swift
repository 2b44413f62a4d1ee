import CSundials
import ODECore

/// An integration by ``ARKODE``.
///
/// Two vectors take turns: ARKODE writes each step's end to one while the other keeps the last accepted state.
public final class ARKODEState: IntegratorState {
  private let name: String
  private let direction: Double
  private let bridge: ARKODEBridge
  private let handle: OpaquePointer
  private var current: StateVector
  private var spare: StateVector
  public private(set) var time: Double
  public private(set) var previousTime: Double
  private var accepted = 0
  private var counts = csundials_arkode_statistics()
  private var nextStep: Double

  init(_ problem: ODEProblem, _ settings: ARKODE, _ restart: Restart?) throws {
    name = settings.name
    direction = problem.direction
    current = StateVector(problem.initialState)
    spare = StateVector(count: current.count)
    (time, previousTime) = (problem.initialTime, problem.initialTime)
    let bridge = ARKODEBridge(problem.system, floor: 1e-6 * (settings.atols?.min() ?? settings.atol))
    self.bridge = bridge
    let resumed = restart.flatMap { $0.stepSize.isFinite && $0.stepSize != 0 ? abs($0.stepSize) : nil }
    let first =
      try settings.fixedStep ?? resumed ?? settings.initialStep
      ?? bridge.firstStep(problem, current, spare, settings.atol)
    nextStep = direction * min(first, abs(problem.finalTime - time), settings.maxStep ?? .infinity)
    var options = csundials_arkode_options()
    (options.rtol, options.atol, options.order) = (settings.rtol, settings.atol, Int32(settings.order))
    options.max_step = settings.maxStep.map { $0.isFinite ? $0 : 0 } ?? 0
    options.initial_step = nextStep
    options.is_fixed_step = settings.fixedStep != nil
    if settings.kind != .explicit, let band = CVODELinearSolver.band(of: problem.system) {
      options.is_banded = true
      (options.lower, options.upper) = (Int64(band.lower), Int64(band.upper))
    }
    var callbacks = bridge.callbacks(settings.kind)
    var flag: Int32 = 0
    let y = current
    func create(_ table: UnsafePointer<CChar>?, _ atols: UnsafePointer<Double>?) -> OpaquePointer? {
      options.atols = atols
      if settings.kind == .explicit { options.explicit_table = table } else { options.implicit_table = table }
      return csundials_arkode_create(
        Int64(y.count), problem.initialTime, y.pointer, &options, &callbacks, &flag)
    }
    func withTable(_ body: (UnsafePointer<CChar>?) -> OpaquePointer?) -> OpaquePointer? {
      guard let table = settings.table else { return body(nil) }
      return table.withCString(body)
    }
    let made = withTable { table in
      guard let atols = settings.atols else { return create(table, nil) }
      return atols.withUnsafeBufferPointer { create(table, $0.baseAddress) }
    }
    guard let made else {
      let what = settings.table.map { "the table '\($0)'" } ?? "order \(settings.order)"
      throw IntegrationFailure(
        .initialFailure,
        "\(settings.name): \(Self.name(of: flag)): ARKODE rejected \(what) or another input. \(bridge.lastMessage ?? "")"
      )
    }
    handle = made
  }

  deinit { csundials_arkode_destroy(handle) }

  public var restart: Restart { Restart(stepSize: nextStep) }
  /// Which tables, and how Newton's systems are solved.
  public var choice: String? {
    let order = counts.order > 0 ? ", order \(counts.order)" : ""
    return bridge.words.map { "\(name): \($0)\(order)" }
  }

  public var statistics: Statistics {
    var s = Statistics()
    s.nfev = bridge.evaluations
    s.njev = Int(counts.jacobians)
    s.accepted = accepted
    s.rejected = Int(counts.error_failures + counts.solve_failures)
    s.netf = Int(counts.error_failures)
    s.nni = Int(counts.nonlinear_iterations)
    s.ncfn = Int(counts.solve_failures)
    s.nsetups = Int(counts.setups)
    s.lastOrder = Int(counts.order)
    s.lastStepSize = counts.last_step
    return s
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try current.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of t = \(time)")
    previousTime = time
    // Steps below the resolution of t: ARKODE takes them for ever, t does not move.
    for _ in 0..<20 {
      bridge.beginStep(nextStep)
      // ARKODE expects the present state in the vector that it is given.
      spare.pointer.update(from: current.pointer, count: current.count)
      let flag = csundials_arkode_step(handle, limit, spare.pointer)
      csundials_arkode_get(handle, &counts)
      if let error = bridge.takeError() { throw error }
      guard flag >= 0 else { throw failure(flag) }
      guard spare.firstNonFinite == nil else { throw failure(flag, isNonFinite: true) }
      // At the stop time ARKODE's own t may be off by rounding.
      let end = flag == 1 ? limit : counts.time
      guard end != time else { continue }
      swap(&current, &spare)
      time = end
      accepted += 1
      nextStep =
        flag == 1 && abs(counts.next_step) < abs(counts.last_step) ? counts.last_step : counts.next_step
      return
    }
    throw IntegrationFailure(
      .stepSizeUnderflow, "\(name): at t = \(time) the step has fallen below the resolution of t")
  }

  public func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {
    if t == time || t == previousTime {
      let source = t == time ? current : spare
      for i in 0..<source.count { y[i] = source.pointer[i] }
      return
    }
    let flag = y.withUnsafeMutableBufferPointer { csundials_arkode_interpolate(handle, t, $0.baseAddress!) }
    if let error = bridge.takeError() { throw error }
    precondition(flag == 0, "ARKStepGetDky at t = \(t): \(Self.name(of: flag))")
  }

  private static func name(of flag: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) {
      csundials_arkode_flag_name(flag, $0.baseAddress!, 64)
      return String(cString: $0.baseAddress!)
    }
  }

  private func failure(_ flag: Int32, isNonFinite: Bool = false) -> IntegrationFailure {
    let code: ReturnCode =
      isNonFinite || bridge.sawNonFinite
      ? .nonFinite
      : flag == -3 ? .stepSizeUnderflow : accepted == 0 ? .initialFailure : .convergenceFailure
    let advice =
      code == .nonFinite
      ? "f or the state is NaN or infinite, and smaller steps did not avoid it"
      : "its error test or Newton's iteration failed again and again; loosen the tolerances, or take another method"
    let words = bridge.lastMessage.map { " ARKODE says: \($0)" } ?? ""
    return IntegrationFailure(
      code, "\(name): \(Self.name(of: flag)) at t = \(time), h = \(nextStep): \(advice).\(words)")
  }
}

/// What ARKODE calls back.
private final class ARKODEBridge {
  private let system: any ODESystem
  private let additive: (any AdditiveSystem)?
  private let dense: (any DenseJacobianProviding)?
  private let count: Int
  private let layout: MatrixLayout
  private let differences: DifferencedJacobian?
  private let floor: Double
  private let point: StateVector
  private let value: StateVector
  private var isAdditive = false
  private var step = 0.0
  private var error: (any Error)?
  private(set) var lastMessage: String?
  private(set) var sawNonFinite = false
  /// Of `f`, or of its stiff part.
  private(set) var evaluations = 0

  init(_ system: any ODESystem, floor: Double) {
    self.system = system
    additive = system as? any AdditiveSystem
    dense = system as? any DenseJacobianProviding
    count = system.dimension
    self.floor = floor
    layout = MatrixLayout(CVODELinearSolver.band(of: system) == nil ? .dense : .banded, system)
    differences = layout.differences
    (point, value) = (StateVector(count: count), StateVector(count: count))
  }

  /// Of the implicit part's Jacobian; `nil` without one.
  private(set) var words: String?

  func beginStep(_ h: Double) { (step, error, lastMessage, sawNonFinite) = (h, nil, nil, false) }

  func takeError() -> (any Error)? {
    defer { error = nil }
    return error
  }

  /// `0.01 |y|/|f|` in norms weighed by `atol + |y|`.
  func firstStep(_ problem: ODEProblem, _ y: StateVector, _ work: StateVector, _ atol: Double) throws
    -> Double
  {
    evaluations += 1
    try y.withSpan { y in
      try work.withMutableSpan { try system.derivative(problem.initialTime, y, into: &$0) }
    }
    var (size, slope) = (0.0, 0.0)
    for i in 0..<count {
      let scale = atol + abs(y.pointer[i])
      guard scale > 0 else { continue }
      size = max(size, abs(y.pointer[i]) / scale)
      slope = max(slope, abs(work.pointer[i]) / scale)
    }
    let h = 0.01 * max(size, 1e-4) / slope
    return h.isFinite && h > 0 ? h : 1e-6
  }

  func callbacks(_ kind: ARKODE.Kind) -> csundials_arkode_callbacks {
    isAdditive = kind == .additive
    var table = csundials_arkode_callbacks()
    table.context = Unmanaged.passUnretained(self).toOpaque()
    if kind != .diagonallyImplicit {
      table.explicit_rhs = { context, t, y, dy in
        bridge(context)._withUnsafeGuaranteedRef { $0.evaluate(t, y, dy, stiff: false) }
      }
    }
    if kind != .explicit {
      let solver: CVODELinearSolver = if case .band = layout { .banded } else { .dense }
      words = isAdditive ? "the stiff part's Jacobian by differences" : solver.words(for: system)
      table.implicit_rhs = { context, t, y, dy in
        bridge(context)._withUnsafeGuaranteedRef { $0.evaluate(t, y, dy, stiff: true) }
      }
      table.jacobian = { context, t, y, jacobian in
        bridge(context)._withUnsafeGuaranteedRef { $0.jacobian(t, y, jacobian) }
      }
    }
    table.message = { context, _, text in
      bridge(context)._withUnsafeGuaranteedRef { $0.lastMessage = String(cString: text) }
    }
    return table
  }

  /// 0; 1 for a value that is not finite; -1 for an error, which is kept, and then always.
  private func evaluate(
    _ t: Double, _ y: UnsafePointer<Double>, _ dy: UnsafeMutablePointer<Double>, stiff: Bool
  ) -> Int32 {
    guard error == nil else { return -1 }
    let input = UnsafeBufferPointer(start: y, count: count).span
    var output = UnsafeMutableBufferPointer(start: dy, count: count).mutableSpan
    do {
      if isAdditive, let additive {
        if stiff {
          evaluations += 1
          try additive.stiffPart(t, input, into: &output)
        } else {
          try additive.nonstiffPart(t, input, into: &output)
        }
      } else {
        evaluations += 1
        try system.derivative(t, input, into: &output)
      }
    } catch {
      self.error = error
      return -1
    }
    guard csundials_all_finite(dy, Int64(count)) else {
      sawNonFinite = true
      return 1
    }
    return 0
  }

  private func jacobian(
    _ t: Double, _ y: UnsafePointer<Double>, _ jacobian: UnsafeMutablePointer<Double>
  ) -> Int32 {
    guard error == nil else { return -1 }
    do {
      if let dense, !isAdditive, case .dense = layout {
        var out = UnsafeMutableBufferPointer(start: jacobian, count: count * count).mutableSpan
        try dense.jacobian(t, UnsafeBufferPointer(start: y, count: count).span, into: &out)
      } else {
        point.pointer.update(from: y, count: count)
        guard evaluate(t, y, value.pointer, stiff: true) == 0 else { return error == nil ? 1 : -1 }
        _ = differences!.evaluate(point, value, h: step, floor: floor) {
          _ = evaluate(t, $0.pointer, $1.pointer, stiff: true)
        } _: { i, j, element in
          jacobian[layout.place(i, j)] = element
        }
        if error != nil { return -1 }
        if let jump = differences!.jump { throw jumpFailure("arkode", t, jump) }
      }
    } catch {
      self.error = error
      return -1
    }
    return csundials_all_finite(jacobian, Int64(layout.length)) ? 0 : 1
  }
}

@inline(__always)
private func bridge(_ context: UnsafeMutableRawPointer?) -> Unmanaged<ARKODEBridge> {
  Unmanaged.fromOpaque(context!)
}
