import CPluginABI

/// Watches the solution of any system; see ``ObserverPlugin`` for the order of calls.
public protocol SystemObserverPlugin: Plugin, AnyObject {
  static var columns: [String] { get }
  static var watchesSteps: Bool { get }
  /// As for ``ObserverPlugin/memory``.
  var memory: [Double] { get set }

  func begin(_ point: Point) throws
  func step(_ point: Point) throws
  func record(_ point: Point) throws -> [Double]
  func finish(_ point: Point) throws -> [String: Double]
}

extension SystemObserverPlugin {
  public static var columns: [String] { [] }
  public static var watchesSteps: Bool { false }
  public var memory: [Double] {
    get { [] }
    set {}
  }
  public func begin(_ point: Point) throws {}
  public func step(_ point: Point) throws {}
  public func record(_ point: Point) throws -> [Double] { [] }
  public func finish(_ point: Point) throws -> [String: Double] { [:] }
}

/// The solution at one time; valid only during the call that hands it over.
public struct Point {
  let table: phaseflow_point

  public var time: Double { table.time }
  /// Where the step began that ended here; ``time`` outside ``SystemObserverPlugin/step(_:)``.
  public var previousTime: Double { table.previous_time }
  /// `N`.
  public var count: Int { table.dimension }
  /// `y_i`, `i` from 0.
  public subscript(_ i: Int) -> Double {
    precondition(i >= 0 && i < count)
    return table.y[i]
  }
}

func describe(_ type: any SystemObserverPlugin.Type) -> phaseflow_system_observer {
  var table = phaseflow_system_observer()
  table.struct_size = MemoryLayout<phaseflow_system_observer>.size
  table.name = forever(type.name)
  table.summary = optionalText(type.summary)
  table.citation = optionalText(type.citation)
  (table.parameter_count, table.parameters) = parameterList(type.parameters)
  table.context = Box(type).retained
  (table.column_count, table.columns) = list(type.columns.map(forever))
  table.create = { context, values, instance in
    let type = Box<any SystemObserverPlugin.Type>.of(context)
    return attempt {
      instance.pointee =
        Box(try type.init(Parameters(type.parameters, values)) as any SystemObserverPlugin).retained
    }
  }
  table.destroy = { release($0) }
  table.begin = { instance, point in
    attempt { try Box<any SystemObserverPlugin>.of(instance).begin(Point(table: point.pointee)) }
  }
  if type.watchesSteps {
    table.step = { instance, point in
      attempt { try Box<any SystemObserverPlugin>.of(instance).step(Point(table: point.pointee)) }
    }
  }
  table.record = { instance, point, values in
    let observer = Box<any SystemObserverPlugin>.of(instance)
    return attempt {
      let row = try observer.record(Point(table: point.pointee))
      try copy(row, Swift.type(of: observer).columns.count, "record", to: values)
    }
  }
  table.finish = { instance, point, emit, sink in
    attempt {
      let results = try Box<any SystemObserverPlugin>.of(instance).finish(Point(table: point.pointee))
      for (key, value) in results { emit(sink, key, value) }
    }
  }
  table.memory_count = { Box<any SystemObserverPlugin>.of($0).memory.count }
  table.save_memory = { instance, values in
    for (i, value) in Box<any SystemObserverPlugin>.of(instance).memory.enumerated() { values[i] = value }
  }
  table.restore_memory = { instance, count, values in
    Box<any SystemObserverPlugin>.of(instance).memory = Array(span(values, count))
  }
  return table
}
