import CPluginABI
import CPluginGuard
import Networks
import ODECore

/// A system from a plug-in library. Its subclasses say what it can do besides its right-hand side; the
/// library decides at run time.
class RuntimeSystem: BandStructured, SparseStructured, Partitioned, AdditiveSystem, FaultReporting {
  let dimension: Int
  private var nonFinite: String?
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_system
  private let item: String
  var fault: String? { crash.map { "\($0)" } ?? nonFinite }
  var crash: PluginCrash? { instance.call.fault as? PluginCrash }

  required init(_ plugin: RuntimePlugin<phaseflow_system>, _ instance: RuntimeInstance, dimension: Int) {
    descriptor = plugin.descriptor
    item = plugin.item
    self.instance = instance
    self.dimension = dimension
  }

  var bandwidths: (lower: Int, upper: Int)? {
    descriptor.is_banded == 0
      ? nil : (min(descriptor.lower_bandwidth, dimension), min(descriptor.upper_bandwidth, dimension))
  }
  /// Asked of the library once.
  private(set) lazy var sparsity: SparsityPattern? = readSparsity()
  var isSplit: Bool { descriptor.stiff_part != nil && descriptor.nonstiff_part != nil }
  var isPartitioned: Bool { descriptor.is_partitioned != 0 && dimension % 2 == 0 }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    let problem = try y.withUnsafeBufferPointer { y in
      try dy.withUnsafeMutableBufferPointer { dy in
        try instance.call("derivative") {
          cguard_derivative($0, descriptor.derivative, instance.pointer, t, y.baseAddress!, dy.baseAddress!)
        }
      }
    }
    if let problem { throw failure("derivative", t, String(cString: problem)) }
    // Cheap beside the call for a small system; for a large one the method's own check would do, but not say who.
    if nonFinite == nil, !dy.span.isFinite { noteFault(t, y, dy.span) }
  }

  private func readSparsity() -> SparsityPattern? {
    guard let function = descriptor.sparsity else { return nil }
    func ask(_ capacity: Int, _ rows: UnsafeMutablePointer<Int>?, _ columns: UnsafeMutablePointer<Int>?) -> Int {
      (try? instance.call("sparsity") {
        cguard_sparsity($0, function, instance.pointer, capacity, rows, columns)
      }) ?? 0
    }
    let count = ask(0, nil, nil)
    guard count > 0 else { return nil }
    var (rows, columns) = ([Int](repeating: 0, count: count), [Int](repeating: 0, count: count))
    guard ask(count, &rows, &columns) == count,
      let pattern = SparsityPattern(
        count: dimension, elements: zip(rows, columns).map { (row: $0, column: $1) })
    else {
      nonFinite = nonFinite ?? "\(item): sparsity names an element outside of the matrix, or not as many as it said"
      return nil
    }
    return pattern
  }

  func stiffPart(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    try part("stiff_part", descriptor.stiff_part!, t, y, into: &dy)
  }

  func nonstiffPart(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    try part("nonstiff_part", descriptor.nonstiff_part!, t, y, into: &dy)
  }

  private func part(
    _ name: StaticString,
    _ function: @convention(c) (
      UnsafeRawPointer?, Double, UnsafePointer<Double>, UnsafeMutablePointer<Double>
    ) -> UnsafePointer<CChar>?,
    _ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>
  ) throws {
    let problem = try y.withUnsafeBufferPointer { y in
      try dy.withUnsafeMutableBufferPointer { dy in
        try instance.call(name) {
          cguard_derivative($0, function, instance.pointer, t, y.baseAddress!, dy.baseAddress!)
        }
      }
    }
    if let problem { throw failure("\(name)", t, String(cString: problem)) }
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) throws {
    let problem = try y.withUnsafeBufferPointer { y in
      try jacobian.withUnsafeMutableBufferPointer { jacobian in
        try instance.call("jacobian") {
          cguard_derivative(
            $0, descriptor.jacobian!, instance.pointer, t, y.baseAddress!, jacobian.baseAddress!)
        }
      }
    }
    if let problem { throw failure("jacobian", t, String(cString: problem)) }
  }

  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) throws {
    let problem = try y.withUnsafeBufferPointer { y in
      try v.withUnsafeBufferPointer { v in
        try jv.withUnsafeMutableBufferPointer { jv in
          try instance.call("jacobian_vector_product") {
            cguard_jacobian_vector_product(
              $0, descriptor.jacobian_vector_product!, instance.pointer, t, y.baseAddress!, v.baseAddress!,
              jv.baseAddress!)
          }
        }
      }
    }
    if let problem { throw failure("jacobian_vector_product", t, String(cString: problem)) }
  }

  func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double {
    let rho = try y.withUnsafeBufferPointer { y in
      try instance.call("spectral_radius") {
        cguard_spectral_radius($0, descriptor.spectral_radius!, instance.pointer, t, y.baseAddress!)
      }
    }
    guard rho >= 0, rho.isFinite else { throw failure("spectral_radius", t, "it is \(rho)") }
    return rho
  }

  private func failure(_ call: String, _ t: Double, _ reason: String) -> RuntimeCallError {
    RuntimeCallError(item: item, call: call, reason: "\(reason) (at t = \(t))")
  }

  private func noteFault(_ t: Double, _ y: Span<Double>, _ dy: Span<Double>) {
    // Where the state itself is no number the system is not to blame.
    guard y.isFinite, let i = (0..<dy.count).first(where: { !dy[$0].isFinite }) else { return }
    nonFinite = "\(item) gave \(dy[i]) for component \(i) of the derivative at t = \(t)"
  }
}

// One class for each set of capabilities, since a method asks for them by conformance.
private typealias J = DenseJacobianProviding
private typealias V = JacobianVectorProductProviding
private typealias S = SpectralRadiusEstimating
private final class SystemJ: RuntimeSystem, J {}
private final class SystemV: RuntimeSystem, V {}
private final class SystemS: RuntimeSystem, S {}
private final class SystemJV: RuntimeSystem, J, V {}
private final class SystemJS: RuntimeSystem, J, S {}
private final class SystemVS: RuntimeSystem, V, S {}
private final class SystemJVS: RuntimeSystem, J, V, S {}

extension SystemModel {
  /// - Throws: see ``RuntimeInstance``; ``RuntimeCallError`` if there is no start; ``SystemModelError``.
  init(_ plugin: RuntimePlugin<phaseflow_system>, _ arguments: PluginArguments) throws {
    let descriptor = plugin.descriptor
    let instance = try RuntimeInstance(plugin, arguments)
    let dimension = try instance.call("dimension") {
      cguard_count($0, descriptor.dimension, instance.pointer)
    }
    let mostUnknowns = 1 << 28
    guard (1...mostUnknowns).contains(dimension) else {
      throw SystemModelError(
        system: plugin.name,
        problem: "dimension is \(UInt(bitPattern: dimension)); it must be from 1 to \(mostUnknowns)")
    }
    let type: RuntimeSystem.Type =
      switch (
        descriptor.jacobian != nil, descriptor.jacobian_vector_product != nil,
        descriptor.spectral_radius != nil
      ) {
      case (false, false, false): RuntimeSystem.self
      case (true, false, false): SystemJ.self
      case (false, true, false): SystemV.self
      case (false, false, true): SystemS.self
      case (true, true, false): SystemJV.self
      case (true, false, true): SystemJS.self
      case (false, true, true): SystemVS.self
      case (true, true, true): SystemJVS.self
      }
    let system = type.init(plugin, instance, dimension: dimension)
    let start = try FencedNumbers(count: dimension, plugin.item, "initial_state").filled { start in
      try instance.call("initial_state") {
        cguard_initial_state($0, descriptor.initial_state, instance.pointer, start)
      }
    }
    try self.init(
      name: instance.specification, system, initialState: start, from: descriptor.initial_time,
      finalTime: descriptor.final_time == descriptor.initial_time ? nil : descriptor.final_time,
      componentNames: descriptor.component_name.map { name in
        try (0..<dimension).map { i in
          try instance.call("component_name") { cguard_component_name($0, name, instance.pointer, i) }
            .map { String(cString: $0) } ?? ""
        }
      },
      events: descriptor.readEvents(instance, plugin.item), invariants: descriptor.readInvariants(instance),
      discontinuities: descriptor.readDiscontinuities(instance))
    parameters = arguments.systemParameters { try SystemModel(plugin, $0) }
  }
}

extension phaseflow_system: RuntimeDescriptor {
  static var kind: String { "system" }
  static var smallestSize: Int { MemoryLayout<Self>.offset(of: \.discontinuity_count)! }
  var counts: [(name: String, count: Int)] {
    [
      ("parameters", parameter_count), ("events", event_count), ("invariants", invariant_count),
      ("discontinuities", discontinuity_count),
    ]
  }

  var missingFunction: String? {
    for (name, isNull) in [
      ("dimension", dimension == nil), ("initial_state", initial_state == nil),
      ("derivative", derivative == nil), ("invariants", invariant_count > 0 && invariants == nil),
    ] where isNull { return name }
    if let missing = firstMissing("events", events, event_count) { return missing }
    for i in 0..<event_count {
      let event = readEvent(i)
      if event.name == nil { return "events[\(i)].name" }
      if event.value == nil { return "events[\(i)].value" }
    }
    return firstMissing("invariant_names", invariant_names, invariant_count)
  }

  var inconsistency: String? {
    guard initial_time.isFinite, !final_time.isNaN else {
      return "initial_time is \(initial_time) and final_time \(final_time)"
    }
    if discontinuity_count > 0 {
      guard let discontinuities else { return "discontinuities are declared and not given" }
      if let i = (0..<discontinuity_count).first(where: { !discontinuities[$0].isFinite }) {
        return "discontinuities[\(i)] is \(discontinuities[i])"
      }
    }
    let smallest = MemoryLayout<phaseflow_event>.offset(of: \.change)!
    for i in 0..<event_count where events![i]!.pointee.struct_size < smallest {
      return "struct_size of events[\(i)] must be at least \(smallest); was it set to sizeof?"
    }
    return nil
  }

  /// A copy of an event; what a library built with an older header does not have is zero.
  private func readEvent(_ i: Int) -> phaseflow_event {
    var copy = phaseflow_event()
    let pointer = UnsafeRawPointer(events![i]!)
    let size = min(pointer.load(as: Int.self), MemoryLayout<phaseflow_event>.size)
    withUnsafeMutableBytes(of: &copy) { $0.baseAddress!.copyMemory(from: pointer, byteCount: max(size, 0)) }
    return copy
  }

  fileprivate func readEvents(_ instance: RuntimeInstance, _ item: String) -> [Event] {
    (0..<event_count).map { i in
      let event = readEvent(i)
      let name = String(cString: event.name)
      let change = event.change.map { change in
        { (t: Double, y: inout MutableSpan<Double>) throws in
          let problem = try y.withUnsafeMutableBufferPointer { y in
            try instance.call("change") {
              cguard_event_change($0, change, instance.pointer, i, t, y.baseAddress!)
            }
          }
          guard let problem else { return }
          throw RuntimeCallError(
            item: item, call: "change", reason: "\(String(cString: problem)) (event '\(name)' at t = \(t))")
        }
      }
      return Event(
        name, direction: event.direction == 0 ? .any : event.direction > 0 ? .rising : .falling,
        isTerminal: event.is_terminal != 0, change: change
      ) { t, y in
        try y.withUnsafeBufferPointer { y in
          try instance.call("value") {
            cguard_event_value($0, event.value, instance.pointer, i, t, y.baseAddress!)
          }
        }
      }
    }
  }

  fileprivate func readDiscontinuities(_ instance: RuntimeInstance) -> Discontinuities {
    let constant = (0..<discontinuity_count).map { discontinuities![$0] }
    guard let next = next_discontinuity else { return Discontinuities(constant) }
    return Discontinuities(constant) { t, sign in
      try instance.call("next_discontinuity") {
        cguard_next_discontinuity($0, next, instance.pointer, t, sign > 0 ? 1 : -1)
      }
    }
  }

  fileprivate func readInvariants(_ instance: RuntimeInstance) -> Invariants? {
    guard invariant_count > 0, let function = invariants else { return nil }
    let count = invariant_count
    return Invariants(names: strings(invariant_names, count)) { t, y in
      do {
        return try y.withUnsafeBufferPointer { y in
          try FencedNumbers(count: count, instance.call.item, "invariants").filled { values in
            try instance.call("invariants") {
              cguard_invariants($0, function, instance.pointer, t, y.baseAddress!, values)
            }
            return nil
          }
        }
      } catch {
        // Whoever calls the plug-in next is told.
        instance.call.end(error)
        return [Double](repeating: .nan, count: count)
      }
    }
  }
}
