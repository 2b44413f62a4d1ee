import CPluginABI
import Networks
import ODECore

/// An observer (``/ODECore/Observer``) of a system or of the training of a network that can be loaded at run time.
///
/// ```swift
/// final class Peak: ObserverPlugin {
///   static let name = "peak"
///   static let summary = "the largest |y_0| over the steps"
///   let watchesSteps = true
///   private var peak = 0.0
///   var memory: [Double] {
///     get { [peak] }
///     set { peak = newValue[0] }
///   }
///   init(_ parameters: Parameters) {}
///   func begin(_ moment: Moment) { peak = abs(moment[0]) }
///   func step(_ moment: Moment) { peak = max(peak, abs(moment[0])) }
///   func finish(_ moment: Moment) -> [String: ObservedValue] { ["peak": .number(peak)] }
/// }
/// ```
///
/// Of a network `moment.network` has the weights, the loss and the outputs; it is `nil` for a system.
///
/// Loaded at run time it is told no events, has neither a dense output nor tables, and its results are numbers and
/// flags; `columns` and `watchesSteps` must not depend on the parameters.
public protocol ObserverPlugin: PluginDescription, Observer {
  /// Whether it watches networks only: then `moment.network` is never `nil`, and a run of a system refuses it.
  static var needsNetwork: Bool { get }
  /// Whether `step` of a network needs loss, predictions and residuals. Loaded at run time, `step` without them sees a
  /// loss that is NaN and empty arrays.
  static var stepNeedsOutputs: Bool { get }

  /// - Parameter parameters: a value for each of ``PluginDescription/parameters``, within its range.
  /// - Throws: whatever says best why these values cannot be.
  init(_ parameters: Parameters) throws
}

extension ObserverPlugin {
  public static var needsNetwork: Bool { false }
  public static var stepNeedsOutputs: Bool { false }
  /// The type's.
  public var name: String { Self.name }

  public func refusal(of problem: ODEProblem) -> String? {
    !Self.needsNetwork || problem.system is any NetworkFlow ? nil : "it watches networks, and this is none"
  }

  static var table: phaseflow_observer {
    let declared = try? Self(Parameters(parameters))
    var table = phaseflow_observer(Self.self) {
      let observer = try Self($0)
      if let declared {
        guard observer.columns == declared.columns else { throw DependsOnParameters(what: "list of columns") }
        guard observer.watchesSteps == declared.watchesSteps else {
          throw DependsOnParameters(what: "watching of steps")
        }
      }
      return ObserverInstance(observer)
    }
    (table.column_count, table.columns) = list((declared?.columns ?? []).map(forever))
    table.needs_network = needsNetwork ? 1 : 0
    table.step_wants_outputs = stepNeedsOutputs ? 1 : 0
    table.begin = { instance, moment in
      let me = object(ObserverInstance.self, instance)
      return attempt {
        try me.begin(moment)
        try me.show(moment) { try me.observer.begin($0) }
      }
    }
    if declared?.watchesSteps == true {
      table.step = { instance, moment in
        let me = object(ObserverInstance.self, instance)
        return attempt { try me.show(moment) { try me.observer.step($0) } }
      }
    }
    table.record = { instance, moment, values in
      let me = object(ObserverInstance.self, instance)
      return attempt {
        let row = try me.show(moment) { try me.observer.record($0) }
        guard row.count == me.columnCount else {
          throw WrongCount(what: "record", expected: me.columnCount, got: row.count)
        }
        for (i, value) in row.enumerated() { values[i] = value }
      }
    }
    table.finish = { instance, moment, emit, sink in
      let me = object(ObserverInstance.self, instance)
      return attempt {
        for (key, value) in try me.show(moment, { try me.observer.finish($0) }) {
          emit(sink, key, try number(key, value))
        }
      }
    }
    table.memory_count = { object(ObserverInstance.self, $0).observer.memory.count }
    table.save_memory = { instance, values in
      for (i, value) in object(ObserverInstance.self, instance).observer.memory.enumerated() {
        values[i] = value
      }
    }
    table.restore_memory = { instance, count, values in
      object(ObserverInstance.self, instance).observer.memory = Array(span(values, count))
    }
    return table
  }
}

/// A result as C takes it.
private func number(_ key: String, _ value: ObservedValue) throws -> Double {
  if let flag = value.flag { return flag ? 1 : 0 }
  guard let number = value.number else { throw NoNumber(key: key) }
  return number
}

private struct NoNumber: Error, CustomStringConvertible {
  let key: String
  var description: String {
    "the result '\(key)' is no number, as it must be of a plug-in loaded at run time"
  }
}

/// An observer, and the core's moment that it is shown.
private final class ObserverInstance {
  let observer: any ObserverPlugin
  let columnCount: Int
  private var moment: Moment?
  /// Of a network.
  private var view: TableNetworkView?

  init(_ observer: any ObserverPlugin) {
    self.observer = observer
    columnCount = observer.columns.count
  }

  /// Poses the problem that is watched: its start and its span, without its right-hand side.
  func begin(_ table: UnsafePointer<phaseflow_moment>) throws {
    let (now, y) = (table.pointee, Array(span(table.pointee.y, table.pointee.dimension)))
    view = try now.network.map { try TableNetworkView($0) }
    let system: any ODESystem =
      if let view { WatchedFlow(dimension: y.count, view: view) } else { WatchedSystem(dimension: y.count) }
    let problem = try ODEProblem(system, from: now.initial_time, to: now.final_time, initialState: y)
    if let reason = observer.refusal(of: problem) { throw Refusal(description: reason) }
    moment = Moment(problem)
  }

  /// Calls `body` with the core's form of `table`.
  func show<R>(_ table: UnsafePointer<phaseflow_moment>, _ body: (Moment) throws -> R) throws -> R {
    let now = table.pointee
    guard let moment else { throw Refusal(description: "it was called before begin") }
    if let view, let network = now.network { view.show(network, now.y) }
    return try moment.show(
      now.time, span(now.y, now.dimension).span, previousTime: now.previous_time,
      returnCode: now.return_code.flatMap { ReturnCode(rawValue: String(cString: $0)) }, body)
  }
}

private struct Refusal: Error, CustomStringConvertible { let description: String }
