import CPhaseFlow
import Logging
import Synchronization

/// Where warnings go: to the caller's function if there is one, and nowhere else.
enum Log {
  private typealias Sink = @convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer?) -> Void
  private struct Target: @unchecked Sendable {
    var sink: Sink?
    var user: UnsafeMutableRawPointer?
  }

  private static let target = Mutex(Target())
  private static let bootstrapped: Void = LoggingSystem.bootstrap { _ in Handler() }

  /// Before anything may log: the logging system of this library, which nobody else has.
  static func begin() { bootstrapped }

  static func warn(_ message: String) {
    let target = Self.target.withLock { $0 }
    message.withCString { target.sink?($0, target.user) }
  }

  fileprivate static func set(
    _ sink: (@convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer?) -> Void)?,
    _ user: UnsafeMutableRawPointer?
  ) {
    target.withLock { $0 = Target(sink: sink, user: user) }
  }

  private struct Handler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { Log.warn("\(event.message)") }
  }
}

/// `phaseflow_set_log` of phaseflow.h.
@_cdecl("phaseflow_set_log")
public func setLog(
  _ log: (@convention(c) (UnsafePointer<CChar>, UnsafeMutableRawPointer?) -> Void)?,
  _ user: UnsafeMutableRawPointer?
) {
  Log.begin()
  Log.set(log, user)
}
