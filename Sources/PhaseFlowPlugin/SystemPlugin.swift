import CPluginABI

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// An ODE of one's own: `y' = f(t, y)`, `y(initialTime) = initialState`.
///
/// ```swift
/// struct Decay: SystemPlugin {
///   static let name = "decay"
///   static let summary = "y' = -rate y"
///   static let parameters = [Parameter("rate", default: 1, in: 0...100)]
///   static let finalTime = 5.0
///   let rate: Double
///   init(_ parameters: Parameters) { rate = parameters["rate"] }
///   var initialState: [Double] { [1] }
///   func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) { dy[0] = -rate * y[0] }
/// }
/// ```
public protocol SystemPlugin: Plugin {
  static var initialTime: Double { get }
  /// Where a run ends without `--t-end`; ``initialTime`` if that must be given.
  static var finalTime: Double { get }
  static var events: [SystemEvent] { get }
  /// The names of functions that are constant along exact solutions.
  static var invariants: [String] { get }

  /// `N` numbers, the same each time.
  var initialState: [Double] { get }
  /// `N` names; empty for `y0, y1, ...`.
  var componentNames: [String] { get }
  /// Writes `f(t, y)`. Where it is not defined write NaN: the method tries a smaller step. An error ends the run.
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws
  /// `g(t, y)` of one of ``events``.
  func event(_ index: Int, _ t: Double, _ y: Span<Double>) -> Double
  /// Changes the state where one of ``events`` that ``SystemEvent/changesState`` is; an error ends the run.
  func change(_ index: Int, _ t: Double, _ y: inout MutableSpan<Double>) throws
  /// The first time after `t` (before it where `direction` is -1) at which `f` may jump; infinite if there is none. No step
  /// crosses it.
  func nextDiscontinuity(after t: Double, direction: Int) -> Double
  /// One value for each of ``invariants``.
  func invariantValues(_ t: Double, _ y: Span<Double>) -> [Double]
}

extension SystemPlugin {
  public static var initialTime: Double { 0 }
  public static var events: [SystemEvent] { [] }
  public static var invariants: [String] { [] }
  public var componentNames: [String] { [] }
  public func event(_ index: Int, _ t: Double, _ y: Span<Double>) -> Double { 1 }
  public func change(_ index: Int, _ t: Double, _ y: inout MutableSpan<Double>) throws {}
  public func nextDiscontinuity(after t: Double, direction: Int) -> Double { .infinity }
  public func invariantValues(_ t: Double, _ y: Span<Double>) -> [Double] { [] }
}

/// A system that knows its Jacobian.
public protocol JacobianPlugin: SystemPlugin {
  /// Writes `df_i/dy_j` to `jacobian[i + j * N]`; all zero before.
  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) throws
}

/// A system that knows the largest modulus of its Jacobian's eigenvalues, or something above it.
public protocol SpectralRadiusPlugin: SystemPlugin {
  func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double
}

/// A sign change to be located.
public struct SystemEvent: Sendable {
  public enum Direction: Int32, Sendable {
    case falling = -1
    case any = 0
    case rising = 1
  }
  public let name: String
  public let direction: Direction
  public let isTerminal: Bool
  /// Whether ``SystemPlugin/change(_:_:_:)`` is called there; the method then begins anew.
  public let changesState: Bool

  public init(
    _ name: String, direction: Direction = .any, isTerminal: Bool = false, changesState: Bool = false
  ) {
    self.name = name
    self.direction = direction
    self.isTerminal = isTerminal
    self.changesState = changesState
  }
}

/// A system with what C asks for again and again.
final class SystemInstance {
  let system: any SystemPlugin
  let start: [Double]
  let names: [UnsafeMutablePointer<CChar>]

  init(_ system: any SystemPlugin) throws {
    self.system = system
    start = system.initialState
    let given = system.componentNames
    guard given.isEmpty || given.count == start.count else {
      throw WrongCount(what: "componentNames", expected: start.count, got: given.count)
    }
    names = (given.isEmpty ? start.indices.map { "y\($0)" } : given).map { strdup($0)! }
  }

  deinit { for name in names { free(name) } }

  static func of(_ pointer: UnsafeRawPointer?) -> SystemInstance {
    Unmanaged<SystemInstance>.fromOpaque(pointer!).takeUnretainedValue()
  }
}

func describe(_ type: any SystemPlugin.Type) -> phaseflow_system {
  var table = phaseflow_system()
  table.struct_size = MemoryLayout<phaseflow_system>.size
  table.name = forever(type.name)
  table.summary = optionalText(type.summary)
  table.citation = optionalText(type.citation)
  (table.parameter_count, table.parameters) = parameterList(type.parameters)
  table.context = Box(type).retained
  table.initial_time = type.initialTime
  table.final_time = type.finalTime
  table.create = { context, values, instance in
    let type = Box<any SystemPlugin.Type>.of(context)
    return attempt {
      let system = try SystemInstance(type.init(Parameters(type.parameters, values)))
      instance.pointee = Unmanaged.passRetained(system).toOpaque()
    }
  }
  table.destroy = { release($0) }
  table.dimension = { SystemInstance.of($0).start.count }
  table.initial_state = { instance, y in
    for (i, value) in SystemInstance.of(instance).start.enumerated() { y[i] = value }
    return nil
  }
  table.component_name = { instance, i in UnsafePointer(SystemInstance.of(instance).names[i]) }
  table.derivative = { instance, t, y, dy in
    let me = SystemInstance.of(instance)
    return attempt {
      var result = mutable(dy, me.start.count).mutableSpan
      try me.system.derivative(t, span(y, me.start.count).span, into: &result)
    }
  }
  describeCapabilities(type, &table)
  table.next_discontinuity = { instance, t, direction in
    SystemInstance.of(instance).system.nextDiscontinuity(after: t, direction: Int(direction))
  }
  (table.event_count, table.events) = list(type.events.map(describe))
  (table.invariant_count, table.invariant_names) = list(type.invariants.map(forever))
  table.invariants = { instance, t, y, values in
    let me = SystemInstance.of(instance)
    let given = me.system.invariantValues(t, span(y, me.start.count).span)
    for i in 0..<Swift.type(of: me.system).invariants.count { values[i] = i < given.count ? given[i] : .nan }
  }
  return table
}

private func describeCapabilities(_ type: any SystemPlugin.Type, _ table: inout phaseflow_system) {
  if type is any JacobianPlugin.Type {
    table.jacobian = { instance, t, y, jacobian in
      let me = SystemInstance.of(instance)
      let count = me.start.count
      return attempt {
        var result = mutable(jacobian, count * count).mutableSpan
        try (me.system as! any JacobianPlugin).jacobian(t, span(y, count).span, into: &result)
      }
    }
  }
  if type is any SpectralRadiusPlugin.Type {
    table.spectral_radius = { instance, t, y in
      let me = SystemInstance.of(instance)
      return (me.system as! any SpectralRadiusPlugin).spectralRadius(t, span(y, me.start.count).span)
    }
  }
}

private func describe(_ event: SystemEvent) -> UnsafePointer<phaseflow_event> {
  var table = phaseflow_event()
  table.struct_size = MemoryLayout<phaseflow_event>.size
  table.name = forever(event.name)
  table.direction = event.direction.rawValue
  table.is_terminal = event.isTerminal ? 1 : 0
  table.value = { instance, index, t, y in
    let me = SystemInstance.of(instance)
    return me.system.event(index, t, span(y, me.start.count).span)
  }
  if event.changesState {
    table.change = { instance, index, t, y in
      let me = SystemInstance.of(instance)
      return attempt {
        var state = mutable(y, me.start.count).mutableSpan
        try me.system.change(index, t, &state)
      }
    }
  }
  return forever(table)
}
