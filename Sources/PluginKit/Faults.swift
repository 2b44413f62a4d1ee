import ODECore
import Networks
import Synchronization

/// A plug-in that remembers its first result that was not finite, for the message of a run that failed.
public protocol FaultReporting {
  /// A sentence with the plug-in's name; `nil` if all was well.
  var fault: String? { get }
  /// What ended it, if it crashed or ended the process.
  var crash: PluginCrash? { get }
}

/// The first fault of one plug-in, from any thread.
final class FaultBox: Sendable {
  private let first = Mutex<String?>(nil)
  var text: String? { first.withLock { $0 } }

  /// Remembers an element of a value or a derivative that is not finite though the argument is; all three have
  /// the same length.
  @inline(__always)
  func check(
    _ item: String, _ arguments: Span<Double>, value: Span<Double>, derivative: Span<Double>
  ) {
    if areFinite(value, derivative) { return }
    note(item, "value", arguments, value)
    note(item, "derivative", arguments, derivative)
  }

  /// Likewise of a single result.
  func check(_ item: String, _ what: String, _ arguments: Span<Double>, _ results: Span<Double>) {
    if !results.isFinite { note(item, what, arguments, results) }
  }

  private func note(
    _ item: String, _ what: String, _ arguments: Span<Double>, _ results: Span<Double>
  ) {
    for i in results.indices where !results[i].isFinite && arguments[i].isFinite {
      first.withLock {
        if $0 == nil { $0 = "\(item) gave \(results[i]) as \(what) at \(arguments[i])" }
      }
      return
    }
  }
}

/// A function of a plug-in library that reported a failure.
public struct RuntimeCallError: Error, Equatable, CustomStringConvertible {
  /// `system 'lorenz'`.
  public let item: String
  /// The function's name in `phaseflow_plugin.h`.
  public let call: String
  /// What the function said, or what was wrong with its result.
  public let reason: String
  public var description: String { "\(item) failed in \(call): \(reason)" }
}
