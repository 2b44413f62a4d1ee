import CPluginABI

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// PhaseFlow demands that everything it is given stays valid for the life of the process, so nothing made here
// is ever freed.

func forever<T>(_ value: T) -> UnsafePointer<T> {
  let memory = UnsafeMutablePointer<T>.allocate(capacity: 1)
  memory.initialize(to: value)
  return UnsafePointer(memory)
}

func forever(_ text: String) -> UnsafePointer<CChar> { UnsafePointer(strdup(text)!) }

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

/// Something of Swift's behind a pointer of C's.
final class Box<Value> {
  let value: Value
  init(_ value: Value) { self.value = value }

  /// A pointer that keeps the box alive until ``release(_:)``.
  var retained: UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

  static func of(_ pointer: UnsafeRawPointer?) -> Value {
    Unmanaged<Box<Value>>.fromOpaque(pointer!).takeUnretainedValue().value
  }
}

/// Ends what ``Box/retained`` began; the same for boxes of all kinds.
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

func copy(_ values: [Double], _ count: Int, _ what: String, to pointer: UnsafeMutablePointer<Double>) throws {
  guard values.count == count else {
    throw WrongCount(what: what, expected: count, got: values.count)
  }
  for (i, value) in values.enumerated() { pointer[i] = value }
}

struct WrongCount: Error, CustomStringConvertible {
  let what: String
  let expected: Int
  let got: Int
  var description: String { "\(what) gave \(got) numbers instead of \(expected)" }
}
