import Foundation

/// A value that a caller puts in place of the usual one, on its own thread only: others in the process see nothing of it.
package struct ThreadValue<Value>: Sendable {
  private let key: String

  package init(_ key: String) { self.key = "phaseflow." + key }

  package var value: Value? { Thread.current.threadDictionary[key] as? Value }

  package func with<T>(_ value: Value, _ body: () throws -> T) rethrows -> T {
    let thread = Thread.current
    let before = thread.threadDictionary[key]
    thread.threadDictionary[key] = value
    defer { thread.threadDictionary[key] = before }
    return try body()
  }
}

extension ThreadValue where Value == FileCall.Faults {
  static var faults: Self { Self("faults") }
}

extension ThreadValue where Value == Bool {
  /// Whether pictures are left out.
  package static var isSkipped: Self { Self("pictures") }
}
