import CPluginABI
import ODECore

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// An ODE (``/ODECore/ODESystem``) with its start that can be loaded at run time: `y' = f(t, y)`,
/// `y(initialTime) = initialState`.
///
/// ```swift
/// struct Decay: SystemPlugin {
///   static let name = "decay"
///   static let summary = "y' = -rate y"
///   static let parameters = [Parameter("rate", default: 1, in: 0...100)]
///   static let finalTime = 5.0
///   let rate: Double
///   let dimension = 1
///   let initialState = [1.0]
///   init(_ parameters: Parameters) { rate = parameters["rate"] }
///   func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) { dy[0] = -rate * y[0] }
/// }
/// ```
///
/// A system that knows its Jacobian conforms to `DenseJacobianProviding` or `JacobianVectorProductProviding` too, one
/// that knows its largest rate to `SpectralRadiusEstimating`, one whose Jacobian is banded to `BandStructured`, one that
/// knows which of its elements differ from zero to `SparseStructured`, one of positions and momenta to `Partitioned`, one that splits `f` into a
/// stiff part and the rest to `AdditiveSystem`.
///
/// Where `f` is not defined write NaN: the method tries a smaller step. An error ends the run. Names, directions and
/// number of events and invariants, and the structure of the Jacobian, must not depend on the parameters.
public protocol SystemPlugin: PluginDescription, ODESystem {
  /// Where ``initialState`` is given.
  static var initialTime: Double { get }
  /// Where a run ends without `--t-end`; ``initialTime`` if that must be given.
  static var finalTime: Double { get }

  /// - Parameter parameters: a value for each of ``PluginDescription/parameters``, within its range.
  /// - Throws: whatever says best why these values cannot be.
  init(_ parameters: Parameters) throws
  /// `N` numbers, the same each time.
  var initialState: [Double] { get }
  /// `N` names; `nil` for `y0, y1, ...`.
  var componentNames: [String]? { get }
  /// Located along the solution.
  var events: [Event] { get }
  /// What is constant along exact solutions.
  var invariants: Invariants? { get }
  /// Where `f` may jump; no step crosses such a time.
  var discontinuities: Discontinuities { get }
}

extension SystemPlugin {
  public static var initialTime: Double { 0 }
  public var componentNames: [String]? { nil }
  public var events: [Event] { [] }
  public var invariants: Invariants? { nil }
  public var discontinuities: Discontinuities { .none }

  static var table: phaseflow_system {
    let declared = try? SystemInstance(Self(Parameters(parameters)))
    var table = phaseflow_system(Self.self) {
      let instance = SystemInstance(try Self($0))
      try instance.check(against: declared)
      return instance
    }
    table.initial_time = initialTime
    table.final_time = finalTime
    table.dimension = { object(SystemInstance.self, $0).dimension }
    table.initial_state = { instance, y in
      for (i, value) in object(SystemInstance.self, instance).start.enumerated() { y[i] = value }
      return nil
    }
    table.component_name = { instance, i in UnsafePointer(object(SystemInstance.self, instance).names[i]) }
    table.derivative = { instance, t, y, dy in
      let me = object(SystemInstance.self, instance)
      return attempt {
        var result = mutable(dy, me.dimension).mutableSpan
        try me.system.derivative(t, span(y, me.dimension).span, into: &result)
      }
    }
    table.setCapabilities(of: Self.self)
    table.setStructure(declared)
    table.next_discontinuity = { instance, t, direction in
      let me = object(SystemInstance.self, instance)
      // One that does not lie ahead ends the run, which is what a thrown error should do.
      do { return try me.discontinuities.first(after: t, Double(direction)) ?? .infinity } catch { return t }
    }
    table.setEvents(declared?.events ?? [])
    table.setInvariants(declared?.invariants?.names ?? [])
    return table
  }
}

extension phaseflow_system {
  fileprivate mutating func setCapabilities(of type: any SystemPlugin.Type) {
    if type is any DenseJacobianProviding.Type {
      jacobian = { instance, t, y, jacobian in
        let me = object(SystemInstance.self, instance)
        return attempt {
          var result = mutable(jacobian, me.dimension * me.dimension).mutableSpan
          try me.jacobian!.jacobian(t, span(y, me.dimension).span, into: &result)
        }
      }
    }
    if type is any JacobianVectorProductProviding.Type {
      jacobian_vector_product = { instance, t, y, v, jv in
        let me = object(SystemInstance.self, instance)
        return attempt {
          var result = mutable(jv, me.dimension).mutableSpan
          try me.product!.jacobianVectorProduct(
            t, span(y, me.dimension).span, span(v, me.dimension).span, into: &result)
        }
      }
    }
    if type is any AdditiveSystem.Type {
      stiff_part = { instance, t, y, dy in
        let me = object(SystemInstance.self, instance)
        return attempt {
          var result = mutable(dy, me.dimension).mutableSpan
          try me.additive!.stiffPart(t, span(y, me.dimension).span, into: &result)
        }
      }
      nonstiff_part = { instance, t, y, dy in
        let me = object(SystemInstance.self, instance)
        return attempt {
          var result = mutable(dy, me.dimension).mutableSpan
          try me.additive!.nonstiffPart(t, span(y, me.dimension).span, into: &result)
        }
      }
    }
    if type is any SparseStructured.Type {
      sparsity = { instance, capacity, rows, columns in
        guard let pattern = object(SystemInstance.self, instance).sparsity else { return 0 }
        guard let rows, let columns else { return pattern.rows.count }
        for j in 0..<pattern.count {
          for k in pattern.starts[j]..<min(pattern.starts[j + 1], capacity) {
            (rows[k], columns[k]) = (pattern.rows[k], j)
          }
        }
        return pattern.rows.count
      }
    }
    if type is any SpectralRadiusEstimating.Type {
      spectral_radius = { instance, t, y in
        let me = object(SystemInstance.self, instance)
        return (try? me.radius!.spectralRadius(t, span(y, me.dimension).span)) ?? .nan
      }
    }
  }

  fileprivate mutating func setStructure(_ declared: SystemInstance?) {
    is_partitioned = declared?.isPartitioned == true ? 1 : 0
    guard let bandwidths = declared?.bandwidths else { return }
    is_banded = 1
    (lower_bandwidth, upper_bandwidth) = bandwidths
  }

  fileprivate mutating func setEvents(_ declared: [Event]) {
    (event_count, events) = list(
      declared.map { event in
        var table = phaseflow_event()
        table.struct_size = MemoryLayout<phaseflow_event>.size
        table.name = forever(event.name)
        table.direction =
          switch event.direction {
          case .falling: -1
          case .any: 0
          case .rising: 1
          }
        table.is_terminal = event.isTerminal ? 1 : 0
        table.value = { instance, index, t, y in
          let me = object(SystemInstance.self, instance)
          return (try? me.events[index].function(t, span(y, me.dimension).span)) ?? .nan
        }
        if event.change != nil {
          table.change = { instance, index, t, y in
            let me = object(SystemInstance.self, instance)
            return attempt {
              var state = mutable(y, me.dimension).mutableSpan
              try me.events[index].change!(t, &state)
            }
          }
        }
        return forever(table)
      })
  }

  fileprivate mutating func setInvariants(_ names: [String]) {
    (invariant_count, invariant_names) = list(names.map(forever))
    if names.isEmpty { return }
    invariants = { instance, t, y, values in
      let me = object(SystemInstance.self, instance)
      guard let invariants = me.invariants else { return }
      let given = invariants.values(t, span(y, me.dimension).span)
      for i in invariants.names.indices { values[i] = i < given.count ? given[i] : .nan }
    }
  }
}

/// A system with what C asks for again and again.
private final class SystemInstance {
  let system: any SystemPlugin
  let dimension: Int
  let start: [Double]
  let names: [UnsafeMutablePointer<CChar>]
  let events: [Event]
  let invariants: Invariants?
  let discontinuities: Discontinuities
  let bandwidths: (lower: Int, upper: Int)?
  let sparsity: SparsityPattern?
  let isPartitioned: Bool
  let additive: (any AdditiveSystem)?
  let jacobian: (any DenseJacobianProviding)?
  let product: (any JacobianVectorProductProviding)?
  let radius: (any SpectralRadiusEstimating)?

  init(_ system: any SystemPlugin) {
    self.system = system
    dimension = system.dimension
    start = system.initialState
    names = (system.componentNames ?? start.indices.map { "y\($0)" }).map { strdup($0)! }
    events = system.events
    invariants = system.invariants
    discontinuities = system.discontinuities
    bandwidths = (system as? any BandStructured)?.bandwidths
    sparsity = (system as? any SparseStructured)?.sparsity
    isPartitioned = (system as? any Partitioned)?.isPartitioned ?? false
    additive = system as? any AdditiveSystem
    jacobian = system as? any DenseJacobianProviding
    product = system as? any JacobianVectorProductProviding
    radius = system as? any SpectralRadiusEstimating
  }

  deinit { for name in names { free(name) } }

  /// - Throws: ``WrongCount``; ``DependsOnParameters`` if it is not like the instance that the table was made from.
  func check(against declared: SystemInstance?) throws {
    for (what, count) in [("initialState", start.count), ("componentNames", names.count)]
    where count != dimension {
      throw WrongCount(what: what, expected: dimension, got: count)
    }
    guard let declared else { return }
    func facts(_ event: Event) -> [String] {
      [event.name, event.direction.rawValue, "\(event.isTerminal)", "\(event.change != nil)"]
    }
    guard events.map(facts) == declared.events.map(facts) else {
      throw DependsOnParameters(what: "list of events")
    }
    let isBandedAlike =
      bandwidths?.lower == declared.bandwidths?.lower && bandwidths?.upper == declared.bandwidths?.upper
    guard isBandedAlike, isPartitioned == declared.isPartitioned else {
      throw DependsOnParameters(what: "structure")
    }
    guard invariants?.names == declared.invariants?.names else {
      throw DependsOnParameters(what: "list of invariants")
    }
  }
}
