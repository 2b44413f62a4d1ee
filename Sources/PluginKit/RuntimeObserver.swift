import CPluginABI
import CPluginGuard
import Networks
import ODECore
import PhaseFlowPlugin

/// An observer from a plug-in library.
final class RuntimeObserver: Observer {
  let name: String
  let columns: [String]
  let watchesSteps: Bool
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_observer
  /// Of the network that it watches.
  private var activation: ActivationTable?
  /// What was wrong when its memory was saved; thrown by the next call that may throw.
  private var memoryFault: (any Error)?

  /// - Throws: see ``RuntimeInstance``.
  init(_ plugin: RuntimePlugin<phaseflow_observer>, _ arguments: PluginArguments) throws {
    descriptor = plugin.descriptor
    instance = try RuntimeInstance(plugin, arguments)
    name = arguments.plugin
    columns = descriptor.columnNames.map { arguments.alias + $0 }
    watchesSteps = descriptor.step != nil
  }

  func refusal(of problem: ODEProblem) -> String? {
    descriptor.needs_network == 0 || problem.system is any NetworkFlow
      ? nil : "it watches networks, and this is none"
  }

  var memory: [Double] {
    get {
      guard let memory_count = descriptor.memory_count, let save_memory = descriptor.save_memory else {
        return []
      }
      do {
        let count = try instance.call("memory_count") { cguard_count($0, memory_count, instance.pointer) }
        return try savedMemory("observer '\(name)'", count) { values in
          try instance.call("save_memory") { cguard_save_memory($0, save_memory, instance.pointer, values) }
        }
      } catch {
        memoryFault = error
        return []
      }
    }
    set {
      if newValue.isEmpty { return }
      guard let restore = descriptor.restore_memory else { return }
      do {
        try instance.call("restore_memory") {
          cguard_restore_memory($0, restore, instance.pointer, newValue.count, newValue)
        }
      } catch {
        memoryFault = error
      }
    }
  }

  func begin(_ moment: Moment) throws {
    activation = nil
    guard let begin = descriptor.begin else { return }
    try check(
      "begin",
      withC(moment) { moment in
        try instance.call("begin") { cguard_observe($0, begin, instance.pointer, moment) }
      })
  }

  func step(_ moment: Moment) throws {
    guard let step = descriptor.step else { return }
    try check(
      "step",
      withC(moment, outputs: descriptor.step_wants_outputs != 0) { moment in
        try instance.call("step") { cguard_observe($0, step, instance.pointer, moment) }
      })
  }

  func record(_ moment: Moment) throws -> [Double] {
    guard let record = descriptor.record else { return [] }
    try throwMemoryFault()
    return try FencedNumbers(count: columns.count, "observer '\(name)'", "record").filled { values in
      try withC(moment) { moment in
        try instance.call("record") { cguard_record($0, record, instance.pointer, moment, values) }
      }
    }
  }

  func finish(_ moment: Moment) throws -> [String: ObservedValue] {
    try throwMemoryFault()
    guard let finish = descriptor.finish else { return [:] }
    let (results, problem) = try collectResults { emit, sink in
      try withC(moment) { moment in
        try instance.call("finish") { cguard_finish($0, finish, instance.pointer, moment, emit, sink) }
      }
    }
    if let problem { throw RuntimeObserverError(observer: name, call: "finish", reason: problem) }
    return results
  }

  private func withC<R>(
    _ moment: Moment, outputs: Bool = true, _ body: (UnsafePointer<phaseflow_moment>) throws -> R
  ) rethrows -> R {
    try moment.withC(
      outputs: outputs,
      { view in
        if let activation { return activation }
        let table = ActivationTable(view.network.activation)
        activation = table
        return table
      }, body)
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

/// What `finish` of an observer emits, and its reason for failing.
private func collectResults(
  _ finish: (phaseflow_emit, UnsafeMutableRawPointer) throws -> UnsafePointer<CChar>?
) rethrows -> ([String: ObservedValue], String?) {
  var emitted = Emitted()
  let problem = try withUnsafeMutablePointer(to: &emitted) { sink in
    try finish(
      { sink, key, value in
        let emitted = sink.assumingMemoryBound(to: Emitted.self)
        guard let key else { return emitted.pointee.hasNull = true }
        emitted.pointee.results[String(cString: key)] = .number(value)
      }, sink)
  }
  return (
    emitted.results,
    problem.map { String(cString: $0) } ?? (emitted.hasNull ? "it emitted the key NULL" : nil)
  )
}

private struct Emitted {
  var results: [String: ObservedValue] = [:]
  var hasNull = false
}

/// An observer from a plug-in library that reported a failure.
public struct RuntimeObserverError: Error, Equatable, CustomStringConvertible {
  /// The observer's name.
  public let observer: String
  /// `begin`, `step`, `record` or `finish`.
  public let call: String
  /// What the function said.
  public let reason: String
  public var description: String { "observer '\(observer)' failed in \(call): \(reason)" }
}

extension Moment {
  /// Calls `body` with the C form of this moment; without `outputs` no forward pass is made.
  fileprivate func withC<R>(
    outputs: Bool = true, _ activation: (any NetworkView) -> ActivationTable,
    _ body: (UnsafePointer<phaseflow_moment>) throws -> R
  ) rethrows -> R {
    try withState { state in
      try state.withUnsafeBufferPointer { state in
        var moment = phaseflow_moment(
          struct_size: MemoryLayout<phaseflow_moment>.size, time: time, previous_time: previousTime,
          dimension: count, y: state.baseAddress!, network: nil, initial_time: problem.initialTime,
          final_time: problem.finalTime, return_code: nil)
        func shown() throws -> R {
          guard let network else { return try body(&moment) }
          return try network.withC(outputs: outputs, activation(network)) {
            moment.network = $0
            return try body(&moment)
          }
        }
        guard let returnCode else { return try shown() }
        return try returnCode.rawValue.withCString {
          moment.return_code = $0
          return try shown()
        }
      }
    }
  }
}

extension NetworkView {
  fileprivate func withC<R>(
    outputs: Bool, _ activation: ActivationTable, _ body: (UnsafePointer<phaseflow_network>) throws -> R
  ) rethrows -> R {
    let (shape, scaling) = (network.shape, network.scaling)
    return try data.inputs.values.withUnsafeBufferPointer { inputs in
      try data.targets.withUnsafeBufferPointer { targets in
        try (outputs ? predictions : []).withUnsafeBufferPointer { predictions in
          try (outputs ? residuals : []).withUnsafeBufferPointer { residuals in
            var network = phaseflow_network(
              struct_size: MemoryLayout<phaseflow_network>.size, width: shape.width,
              input_dimension: shape.inputDimension, sample_count: data.sampleCount,
              kappa: scaling.kappa, kappa_prime: scaling.kappaPrime,
              inputs: inputs.baseAddress!, targets: targets.baseAddress!,
              predictions: outputs ? predictions.baseAddress : nil,
              residuals: outputs ? residuals.baseAddress : nil, loss: outputs ? loss : .nan,
              activation: activation.pointer, activation_instance: activation.instance)
            return try body(&network)
          }
        }
      }
    }
  }
}

extension PluginArguments {
  /// `old.` of a plug-in `old.mine`, so that the columns of two versions of one observer differ as their names do.
  var alias: String { plugin.lastIndex(of: ".").map { String(plugin[...$0]) } ?? "" }
}
