import Synchronization

/// A plug-in that remembers its first result that was not finite, for the message of a run that failed.
public protocol FaultReporting {
  /// A sentence with the plug-in's name; `nil` if all was well.
  var fault: String? { get }
}

/// The first fault of one plug-in, from any thread.
final class FaultBox: Sendable {
  private let first = Mutex<String?>(nil)
  var text: String? { first.withLock { $0 } }

  /// Remembers an element of `results` that is not finite though the argument is.
  @inline(__always)
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
  public let reason: String
  public var description: String { "\(item) failed in \(call): \(reason)" }
}

extension Span<Double> {
  /// Whether no element is NaN or infinite. Integer arithmetic, so that the loop vectorises: adding one to an
  /// exponent of all ones carries into the sign's place.
  var isFinite: Bool {
    withUnsafeBufferPointer { numbers in
      var carry: UInt64 = 0
      for x in numbers {
        carry |= (x.bitPattern & 0x7fff_ffff_ffff_ffff) &+ 0x0010_0000_0000_0000
      }
      return carry >> 63 == 0
    }
  }
}
