import CPluginABI

/// A method for `y' = f(t, y)`: its options. What evolves is an ``Integration``.
public protocol IntegratorPlugin: Plugin {
  /// Halving the steps divides the error by `2^order`; `phaseflow plugins check` measures it. 0: not claimed.
  static var order: Int { get }
  /// Whether all steps have the size ``Problem/fixedStep``, shorter only to land on the limit.
  static var takesFixedSteps: Bool { get }
  /// Whether ``Integration/interpolate(at:into:)`` is implemented; else PhaseFlow interpolates by cubic Hermite
  /// polynomials.
  static var hasDenseOutput: Bool { get }

  /// Prepares the integration of `problem`.
  ///
  /// - Throws: ``IntegrationFailure``, or what the problem's functions throw.
  func start(_ problem: Problem) throws -> any Integration
}

extension IntegratorPlugin {
  public static var takesFixedSteps: Bool { false }
  public static var hasDenseOutput: Bool { false }
}

/// One integration: it takes accepted steps one at a time.
public protocol Integration: AnyObject {
  /// The state at the end of the last step. Attempts that fail or are rejected must not touch it.
  var y: Vector { get }
  /// What besides ``AcceptedStep/nextStep`` a resumed run needs; it comes back as ``Problem/memory``.
  var memory: [Double] { get }

  /// Takes exactly one accepted step towards `limit`, which lies ahead and may be infinite; never beyond it, and
  /// when it gets there the step's time is `limit` exactly.
  ///
  /// - Throws: ``IntegrationFailure``, or what the problem's functions throw.
  func advance(to limit: Double) throws -> AcceptedStep
  /// Writes the dense output at `t`, within the last step.
  func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws
}

extension Integration {
  public var memory: [Double] { [] }
  public func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws {}
}

/// What a call of ``Integration/advance(to:)`` did.
public struct AcceptedStep: Sendable {
  /// The end of the step.
  public var time: Double
  /// The signed size of the step that would be tried next.
  public var nextStep: Double
  /// Attempts thrown away in this call by the error test.
  public var rejected: Int
  /// Of the method in this step.
  public var order: Int

  public init(time: Double, nextStep: Double, rejected: Int = 0, order: Int) {
    self.time = time
    self.nextStep = nextStep
    self.rejected = rejected
    self.order = order
  }
}

/// Why a method cannot go on.
public struct IntegrationFailure: Error {
  public enum Code: Int32, Sendable {
    case nonFinite = 2
    case stepUnderflow = 3
    case noConvergence = 4
    case cannotStart = 5
    case tooAccurate = 6
  }
  public let code: Code
  /// What happened, where, and what may help.
  public let message: String

  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

/// A function of the problem failed; let it pass through, PhaseFlow knows why.
public struct Stop: Error {}

/// `N` numbers at an address that does not change.
public final class Vector {
  public let count: Int
  let pointer: UnsafeMutablePointer<Double>

  /// `count` zeros.
  public init(count: Int) {
    self.count = count
    pointer = .allocate(capacity: max(count, 1))
    pointer.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { pointer.deallocate() }

  public subscript(_ i: Int) -> Double {
    get {
      precondition(i >= 0 && i < count)
      return pointer[i]
    }
    set {
      precondition(i >= 0 && i < count)
      pointer[i] = newValue
    }
  }
}

/// What a method is to solve, and how accurately. Valid as long as the ``Integration`` lives.
public final class Problem {
  private let table: UnsafePointer<phaseflow_problem>

  init(_ table: UnsafePointer<phaseflow_problem>) { self.table = table }

  /// `N`.
  public var dimension: Int { table.pointee.dimension }
  public var initialTime: Double { table.pointee.initial_time }
  /// May lie before ``initialTime``, and may be infinite.
  public var finalTime: Double { table.pointee.final_time }
  /// `1` when time runs forwards, `-1` backwards.
  public var direction: Double { finalTime > initialTime ? 1 : -1 }
  public var rtol: Double { table.pointee.rtol }
  public var atol: Double { table.pointee.atol }
  /// The (positive) size of all steps of a method with fixed steps.
  public var fixedStep: Double { table.pointee.fixed_step }
  /// For a resumed run what was last reported; 0 for a new one.
  public var nextStep: Double { table.pointee.next_step }
  /// For a resumed run what ``Integration/memory`` was.
  public var memory: [Double] {
    table.pointee.memory.map { Array(span($0, table.pointee.memory_count)) } ?? []
  }
  /// A new vector with `y(initialTime)`.
  public func initialState() -> Vector {
    let y = Vector(count: dimension)
    y.pointer.update(from: table.pointee.initial_state, count: dimension)
    return y
  }

  /// Writes `f(t, y)` to `dy`; it may be NaN where too large a step leads.
  ///
  /// - Throws: ``Stop``.
  public func derivative(_ t: Double, _ y: Vector, into dy: Vector) throws {
    precondition(y.count == dimension && dy.count == dimension)
    guard table.pointee.derivative(table.pointee.host, t, y.pointer, dy.pointer) == PHASEFLOW_OK else {
      throw Stop()
    }
  }

  /// Writes `df_i/dy_j` to element `i + j N`; `false` if the system does not know its Jacobian.
  ///
  /// - Throws: ``Stop``.
  public func jacobian(_ t: Double, _ y: Vector, into jacobian: Vector) throws -> Bool {
    precondition(y.count == dimension && jacobian.count == dimension * dimension)
    guard let function = table.pointee.jacobian else { return false }
    guard function(table.pointee.host, t, y.pointer, jacobian.pointer) == PHASEFLOW_OK else { throw Stop() }
    return true
  }

  /// An upper estimate of the largest modulus of the Jacobian's eigenvalues; `nil` if the system has none.
  ///
  /// - Throws: ``Stop``.
  public func spectralRadius(_ t: Double, _ y: Vector) throws -> Double? {
    guard let function = table.pointee.spectral_radius else { return nil }
    var rho = 0.0
    guard function(table.pointee.host, t, y.pointer, &rho) == PHASEFLOW_OK else { throw Stop() }
    return rho
  }
}

/// The status that belongs to what `body` throws.
private func status(
  _ message: (UnsafePointer<CChar>) -> Void, _ body: () throws -> Void
) -> Int32 {
  do {
    try body()
    return PHASEFLOW_OK
  } catch is Stop {
    return PHASEFLOW_STOP
  } catch let failure as IntegrationFailure {
    message(forever(failure.message))
    return failure.code.rawValue
  } catch {
    message(forever("\(error)"))
    return PHASEFLOW_NO_CONVERGENCE
  }
}

func describe(_ type: any IntegratorPlugin.Type) -> phaseflow_integrator {
  var table = phaseflow_integrator()
  table.struct_size = MemoryLayout<phaseflow_integrator>.size
  table.name = forever(type.name)
  table.summary = optionalText(type.summary)
  table.citation = optionalText(type.citation)
  (table.parameter_count, table.parameters) = parameterList(type.parameters)
  table.context = Box(type).retained
  table.order = Int32(type.order)
  table.takes_fixed_steps = type.takesFixedSteps ? 1 : 0
  table.create = { context, values, instance in
    let type = Box<any IntegratorPlugin.Type>.of(context)
    return attempt {
      instance.pointee =
        Box(try type.init(Parameters(type.parameters, values)) as any IntegratorPlugin).retained
    }
  }
  table.destroy = { release($0) }
  table.start = { instance, problem, state, message in
    status({ message.pointee = $0 }) {
      state.pointee = Box(try Box<any IntegratorPlugin>.of(instance).start(Problem(problem))).retained
    }
  }
  table.stop = { release($0) }
  table.advance = { state, limit, result in
    status({ result.pointee.message = $0 }) {
      let integration = Box<any Integration>.of(state)
      let step = try integration.advance(to: limit)
      result.pointee.time = step.time
      result.pointee.y = UnsafePointer(integration.y.pointer)
      result.pointee.next_step = step.nextStep
      result.pointee.rejected = UInt64(step.rejected)
      result.pointee.error_test_failures = UInt64(step.rejected)
      result.pointee.order = Int32(step.order)
    }
  }
  if type.hasDenseOutput {
    table.interpolate = { state, t, y in
      let integration = Box<any Integration>.of(state)
      return status({ _ in }) {
        var result = mutable(y, integration.y.count).mutableSpan
        try integration.interpolate(at: t, into: &result)
      }
    }
  }
  table.memory_count = { Box<any Integration>.of($0).memory.count }
  table.save_memory = { state, values in
    for (i, value) in Box<any Integration>.of(state).memory.enumerated() { values[i] = value }
  }
  return table
}
