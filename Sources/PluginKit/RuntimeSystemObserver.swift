import CPluginABI
import GradientFlow

/// An observer of ODE systems from a plug-in library.
final class RuntimeSystemObserver: SystemObserver {
  let name: String
  let columns: [String]
  let watchesSteps: Bool
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_system_observer
  /// What was wrong when its memory was saved; thrown by the next call that may throw.
  private var memoryFault: (any Error)?

  /// - Throws: see ``RuntimeInstance``.
  init(_ plugin: RuntimePlugin<phaseflow_system_observer>, _ arguments: PluginArguments) throws {
    descriptor = plugin.descriptor
    instance = try RuntimeInstance(plugin, arguments)
    name = arguments.plugin
    columns = descriptor.columnNames.map { arguments.alias + $0 }
    watchesSteps = descriptor.step != nil
  }

  var memory: [Double] {
    get {
      do {
        return try descriptor.memory(of: instance, "system observer '\(name)'")
      } catch {
        memoryFault = error
        return []
      }
    }
    set {
      if !newValue.isEmpty { descriptor.restore_memory?(instance.pointer, newValue.count, newValue) }
    }
  }

  func begin(_ point: SystemPoint) throws {
    guard let begin = descriptor.begin else { return }
    try check("begin", point.withC { begin(instance.pointer, $0) })
  }

  func step(_ point: SystemPoint) throws {
    guard let step = descriptor.step else { return }
    try check("step", point.withC { step(instance.pointer, $0) })
  }

  func record(_ point: SystemPoint) throws -> [Double] {
    guard let record = descriptor.record else { return [] }
    try throwMemoryFault()
    return try FencedNumbers(count: columns.count, "system observer '\(name)'", "record").filled { values in
      point.withC { record(instance.pointer, $0, values) }
    }
  }

  func finish(_ point: SystemPoint) throws -> [String: ObservedValue] {
    try throwMemoryFault()
    guard let finish = descriptor.finish else { return [:] }
    let (results, problem) = collectResults { emit, sink in
      point.withC { finish(instance.pointer, $0, emit, sink) }
    }
    if let problem { throw RuntimeObserverError(observer: name, call: "finish", reason: problem) }
    return results
  }

  private func throwMemoryFault() throws {
    if let memoryFault { throw memoryFault }
  }

  private func check(_ call: String, _ problem: UnsafePointer<CChar>?) throws {
    if let problem {
      throw RuntimeObserverError(observer: name, call: call, reason: String(cString: problem))
    }
  }
}

extension SystemPoint {
  fileprivate func withC<R>(_ body: (UnsafePointer<phaseflow_point>) -> R) -> R {
    var point = phaseflow_point(
      struct_size: MemoryLayout<phaseflow_point>.size, time: time, previous_time: previousTime,
      dimension: count, y: state.baseAddress!)
    return body(&point)
  }
}
