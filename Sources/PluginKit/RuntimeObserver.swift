import CPluginABI
import GradientFlow

/// An observer from a plug-in library.
final class RuntimeObserver: FlowObserver {
  let name: String
  let columns: [String]
  let watchesSteps: Bool
  private let instance: RuntimeInstance
  private let descriptor: phaseflow_observer

  /// - Throws: see ``RuntimeInstance``.
  init(_ plugin: RuntimePlugin<phaseflow_observer>, _ arguments: PluginArguments) throws {
    descriptor = plugin.descriptor
    instance = try RuntimeInstance(plugin, arguments)
    name = arguments.plugin
    columns = descriptor.columnNames
    watchesSteps = descriptor.step != nil
  }

  var memory: [Double] {
    get { descriptor.memory(of: instance) }
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
    // One more than needed, so that the pointer is one even without columns.
    var values = [Double](repeating: .nan, count: columns.count + 1)
    try check("record", snapshot.withC { record(instance.pointer, $0, &values) })
    values.removeLast()
    return values
  }

  func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] {
    guard let finish = descriptor.finish else { return [:] }
    let (results, problem) = collectResults { emit, sink in
      snapshot.withC { finish(instance.pointer, $0, emit, sink) }
    }
    try check("finish", problem)
    return results
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
) -> ([String: ObservedValue], UnsafePointer<CChar>?) {
  var results: [String: ObservedValue] = [:]
  let problem = withUnsafeMutablePointer(to: &results) { sink in
    finish(
      { sink, key, value in
        let results = sink.assumingMemoryBound(to: [String: ObservedValue].self)
        results.pointee[String(cString: key)] = .number(value)
      }, sink)
  }
  return (results, problem)
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
        data.inputs.withUnsafeBufferPointer { inputs in
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
