import CPluginABI
import GradientFlow

/// An observer from a plug-in library.
final class RuntimeObserver: FlowObserver {
  let name: String
  let columns: [String]
  let watchesSteps: Bool
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_observer
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

  var memory: [Double] {
    get {
      do {
        return try descriptor.memory(of: instance, "observer '\(name)'")
      } catch {
        memoryFault = error
        return []
      }
    }
    set {
      if newValue.isEmpty { return }
      descriptor.restore_memory?(instance.pointer, newValue.count, newValue)
    }
  }

  func begin(_ snapshot: FlowSnapshot) throws {
    guard let begin = descriptor.begin else { return }
    try check("begin", snapshot.withC { begin(instance.pointer, $0) })
  }

  func step(_ snapshot: FlowSnapshot) throws {
    guard let step = descriptor.step else { return }
    try check(
      "step", snapshot.withC(outputs: descriptor.step_wants_outputs != 0) { step(instance.pointer, $0) })
  }

  func record(_ snapshot: FlowSnapshot) throws -> [Double] {
    guard let record = descriptor.record else { return [] }
    try throwMemoryFault()
    return try FencedNumbers(count: columns.count, "observer '\(name)'", "record").filled { values in
      snapshot.withC { record(instance.pointer, $0, values) }
    }
  }

  func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] {
    try throwMemoryFault()
    guard let finish = descriptor.finish else { return [:] }
    let (results, problem) = collectResults { emit, sink in
      snapshot.withC { finish(instance.pointer, $0, emit, sink) }
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

/// What `finish` of an observer emits, and its reason for failing.
func collectResults(
  _ finish: (phaseflow_emit, UnsafeMutableRawPointer) -> UnsafePointer<CChar>?
) -> ([String: ObservedValue], String?) {
  var emitted = Emitted()
  let problem = withUnsafeMutablePointer(to: &emitted) { sink in
    finish(
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
  public let observer: String
  /// `begin`, `step`, `record` or `finish`.
  public let call: String
  public let reason: String
  public var description: String { "observer '\(observer)' failed in \(call): \(reason)" }
}

extension FlowSnapshot {
  /// Calls `body` with the C form of this snapshot; without `outputs` no forward pass is made.
  fileprivate func withC<R>(
    outputs: Bool = true, _ body: (UnsafePointer<phaseflow_snapshot>) -> R
  ) -> R {
    let data = flow.data
    return withState { state in
      state.withUnsafeBufferPointer { state in
        data.inputs.values.withUnsafeBufferPointer { inputs in
          data.targets.withUnsafeBufferPointer { targets in
            (outputs ? predictions : []).withUnsafeBufferPointer { predictions in
              (outputs ? residuals : []).withUnsafeBufferPointer { residuals in
                var snapshot = phaseflow_snapshot(
                  struct_size: MemoryLayout<phaseflow_snapshot>.size, time: time, width: width,
                  input_dimension: inputDimension, sample_count: data.sampleCount,
                  kappa: flow.scaling.kappa, kappa_prime: flow.scaling.kappaPrime,
                  state: state.baseAddress!, inputs: inputs.baseAddress!,
                  targets: targets.baseAddress!,
                  predictions: outputs ? predictions.baseAddress : nil,
                  residuals: outputs ? residuals.baseAddress : nil,
                  loss: outputs ? loss : .nan)
                return withUnsafePointer(to: &snapshot) { body($0) }
              }
            }
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
