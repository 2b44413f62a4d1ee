import CPluginABI

/// Watches the solution of a system or the training of a network. Calls come in this order: `init`; ``begin(_:)`` once at the start; then, as
/// the run goes on, ``step(_:)`` at the end of each accepted step (only if ``watchesSteps``) and ``record(_:)`` at
/// each recorded time, the first and the last included; ``finish(_:)`` once. It never changes the run.
///
/// ```swift
/// final class Peak: ObserverPlugin {
///   static let name = "peak"
///   static let summary = "the largest |y_0| over the steps"
///   static let watchesSteps = true
///   private var peak = 0.0
///   var memory: [Double] {
///     get { [peak] }
///     set { peak = newValue[0] }
///   }
///   init(_ parameters: Parameters) {}
///   func begin(_ moment: Moment) { peak = abs(moment[0]) }
///   func step(_ moment: Moment) { peak = max(peak, abs(moment[0])) }
///   func finish(_ moment: Moment) -> [String: Double] { ["peak": peak] }
/// }
/// ```
public protocol ObserverPlugin: Plugin, AnyObject {
  /// What ``record(_:)`` adds to `trajectory.csv`.
  static var columns: [String] { get }
  static var watchesSteps: Bool { get }
  /// Whether it watches networks only: then ``Moment/network`` is never `nil`, and a run of a system refuses it.
  static var needsNetwork: Bool { get }
  /// Whether ``step(_:)`` of a network too needs loss, predictions and residuals, which cost an evaluation there.
  static var stepNeedsOutputs: Bool { get }
  /// What must survive when a run is killed and resumed; set right after ``begin(_:)`` in the resumed run, which
  /// sees the start again.
  var memory: [Double] { get set }

  func begin(_ moment: Moment) throws
  func step(_ moment: Moment) throws
  /// One number for each column.
  func record(_ moment: Moment) throws -> [Double]
  /// What goes into `summary.json`.
  func finish(_ moment: Moment) throws -> [String: Double]
}

extension ObserverPlugin {
  public static var columns: [String] { [] }
  public static var watchesSteps: Bool { false }
  public static var needsNetwork: Bool { false }
  public static var stepNeedsOutputs: Bool { false }
  public var memory: [Double] {
    get { [] }
    set {}
  }
  public func begin(_ moment: Moment) throws {}
  public func step(_ moment: Moment) throws {}
  public func record(_ moment: Moment) throws -> [Double] { [] }
  public func finish(_ moment: Moment) throws -> [String: Double] { [:] }
}

/// The solution at one time; valid only during the call that hands it over.
public struct Moment {
  let table: phaseflow_moment

  public var time: Double { table.time }
  /// Where the step began that ended here; ``time`` outside ``ObserverPlugin/step(_:)``.
  public var previousTime: Double { table.previous_time }
  /// `N`.
  public var count: Int { table.dimension }
  /// `y_i`, `i` from 0.
  public subscript(_ i: Int) -> Double {
    precondition(i >= 0 && i < count)
    return table.y[i]
  }
  /// The network whose weights these are; `nil` for a system.
  public var network: Network? { table.network.map { Network(table: $0.pointee, state: table.y) } }
}

/// The network at one time; valid only during the call that hands it over.
public struct Network {
  let table: phaseflow_network
  let state: UnsafePointer<Double>

  /// `m`, the number of neurons.
  public var width: Int { table.width }
  /// `d`, the bias coordinate included.
  public var inputDimension: Int { table.input_dimension }
  /// `n`.
  public var sampleCount: Int { table.sample_count }
  /// `f(x) = kappa sum_k a_k sigma(w_k . x)`.
  public var kappa: Double { table.kappa }
  public var kappaPrime: Double { table.kappa_prime }
  /// `R`; NaN in a ``ObserverPlugin/step(_:)`` that does not ask for outputs.
  public var loss: Double { table.loss }

  /// `a_k`, `k` from 0.
  public func a(_ k: Int) -> Double {
    precondition(k >= 0 && k < width)
    return state[k]
  }
  /// Coordinate `j` of `w_k`, both from 0; the bias weight is the last.
  public func w(_ k: Int, _ j: Int) -> Double {
    precondition(k >= 0 && k < width && j >= 0 && j < inputDimension)
    return state[(j + 1) * width + k]
  }
  /// Coordinate `j` of the sample `x_i`.
  public func x(_ i: Int, _ j: Int) -> Double {
    precondition(i >= 0 && i < sampleCount && j >= 0 && j < inputDimension)
    return table.inputs[i * inputDimension + j]
  }
  /// The target `y_i`.
  public func y(_ i: Int) -> Double {
    precondition(i >= 0 && i < sampleCount)
    return table.targets[i]
  }
  /// `f(x_i)`; empty in a step without outputs.
  public var predictions: [Double] { table.predictions.map { Array(span($0, sampleCount)) } ?? [] }
  /// `l'(f(x_i), y_i)`; empty in a step without outputs.
  public var residuals: [Double] { table.residuals.map { Array(span($0, sampleCount)) } ?? [] }
}

func describe(_ type: any ObserverPlugin.Type) -> phaseflow_observer {
  var table = phaseflow_observer()
  table.struct_size = MemoryLayout<phaseflow_observer>.size
  table.name = forever(type.name)
  table.summary = optionalText(type.summary)
  table.citation = optionalText(type.citation)
  (table.parameter_count, table.parameters) = parameterList(type.parameters)
  table.context = Box(type).retained
  (table.column_count, table.columns) = list(type.columns.map(forever))
  table.create = { context, values, instance in
    let type = Box<any ObserverPlugin.Type>.of(context)
    return attempt {
      instance.pointee =
        Box(try type.init(Parameters(type.parameters, values)) as any ObserverPlugin).retained
    }
  }
  table.destroy = { release($0) }
  table.begin = { instance, moment in
    attempt { try Box<any ObserverPlugin>.of(instance).begin(Moment(table: moment.pointee)) }
  }
  if type.watchesSteps {
    table.step = { instance, moment in
      attempt { try Box<any ObserverPlugin>.of(instance).step(Moment(table: moment.pointee)) }
    }
  }
  table.needs_network = type.needsNetwork ? 1 : 0
  table.step_wants_outputs = type.stepNeedsOutputs ? 1 : 0
  table.record = { instance, moment, values in
    let observer = Box<any ObserverPlugin>.of(instance)
    return attempt {
      let row = try observer.record(Moment(table: moment.pointee))
      try copy(row, Swift.type(of: observer).columns.count, "record", to: values)
    }
  }
  table.finish = { instance, moment, emit, sink in
    attempt {
      let results = try Box<any ObserverPlugin>.of(instance).finish(Moment(table: moment.pointee))
      for (key, value) in results { emit(sink, key, value) }
    }
  }
  table.memory_count = { Box<any ObserverPlugin>.of($0).memory.count }
  table.save_memory = { instance, values in
    for (i, value) in Box<any ObserverPlugin>.of(instance).memory.enumerated() { values[i] = value }
  }
  table.restore_memory = { instance, count, values in
    Box<any ObserverPlugin>.of(instance).memory = Array(span(values, count))
  }
  return table
}
