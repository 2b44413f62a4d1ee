import CPluginABI

#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

// PhaseFlow demands that everything it is given stays valid for the life of the process, so nothing made here
// is ever freed.

func forever<T>(_ value: T) -> UnsafePointer<T> {
  let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
  memory.initialize(to: value)
  return UnsafePointer(memory)
}

func forever(_ text: String) -> UnsafePointer<CChar> { UnsafePointer(strdup(text)!) }

/// Frees what should not stay.
func forget(_ text: UnsafePointer<CChar>) { free(UnsafeMutablePointer(mutating: text)) }

/// Count and array, or nothing for an empty one.
func list<T>(_ items: [T]) -> (Int, UnsafePointer<T?>?) {
  if items.isEmpty { return (0, nil) }
  let memory = UnsafeMutablePointer<T?>.allocate(capacity: items.count)
  memory.initialize(from: items.map(Optional.some), count: items.count)
  return (items.count, UnsafePointer(memory))
}

func parameterList(_ parameters: [Parameter]) -> (Int, UnsafePointer<UnsafePointer<phaseflow_parameter>?>?) {
  list(
    parameters.map { parameter in
      var table = phaseflow_parameter()
      table.struct_size = MemoryLayout<phaseflow_parameter>.size
      table.name = forever(parameter.name)
      table.default_value = parameter.defaultValue
      table.minimum = parameter.range.lowerBound
      table.maximum = parameter.range.upperBound
      table.summary = parameter.summary.isEmpty ? nil : forever(parameter.summary)
      table.is_integer = parameter.isInteger ? 1 : 0
      return forever(table)
    })
}

func optionalText(_ text: String) -> UnsafePointer<CChar>? { text.isEmpty ? nil : forever(text) }

/// A value of Swift's behind a pointer of C's.
final class Box<Value> {
  let value: Value
  init(_ value: Value) { self.value = value }

  static func of(_ pointer: UnsafeRawPointer?) -> Value { object(Box<Value>.self, pointer).value }
}

/// A pointer that keeps `object` alive until ``release(_:)``.
func retained(_ object: AnyObject) -> UnsafeMutableRawPointer { Unmanaged.passRetained(object).toOpaque() }

/// What ``retained(_:)`` made a pointer of.
func object<T: AnyObject>(_ type: T.Type, _ pointer: UnsafeRawPointer?) -> T {
  Unmanaged<T>.fromOpaque(pointer!).takeUnretainedValue()
}

/// Ends what ``retained(_:)`` began.
func release(_ pointer: UnsafeMutableRawPointer?) {
  if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
}

/// Runs `body`, which may throw, for a C function that returns NULL or a reason. A run ends with a reason, so the
/// few texts that stay in memory do no harm.
func attempt(_ body: () throws -> Void) -> UnsafePointer<CChar>? {
  do {
    try body()
    return nil
  } catch {
    return forever("\(error)")
  }
}

func span(_ pointer: UnsafePointer<Double>, _ count: Int) -> UnsafeBufferPointer<Double> {
  UnsafeBufferPointer(start: pointer, count: count)
}

func mutable(_ pointer: UnsafeMutablePointer<Double>, _ count: Int) -> UnsafeMutableBufferPointer<Double> {
  UnsafeMutableBufferPointer(start: pointer, count: count)
}

struct WrongCount: Error, CustomStringConvertible {
  let what: String
  let expected: Int
  let got: Int
  var description: String { "\(what) gave \(got) numbers instead of \(expected)" }
}

/// Something that the C table says once for all instances and that differs from one to another.
struct DependsOnParameters: Error, CustomStringConvertible {
  let what: String
  var description: String {
    "its \(what) depends on the parameters; loaded at run time, it must be that of the defaults"
  }
}
