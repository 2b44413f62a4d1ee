import Foundation
import PluginKit

/// Standard output and standard error, the only writers of both.
enum Console {
  /// Prints a result and a line end on standard output.
  ///
  /// - Throws: ``OutputError`` if it cannot be written, on a full disk for example: the program then fails.
  static func show(_ text: String, terminator: String = "\n") throws {
    // Else the text could go to a file that happens to have that number now.
    if PluginGuard.hasLostOutput { throw OutputError(code: EBADF) }
    if let code = write(text + terminator, to: STDOUT_FILENO) { throw OutputError(code: code) }
  }

  /// Prints a message and a line end on standard error. One that cannot be written is dropped: no run ends for that.
  static func say(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

  /// The same, without a line end.
  static func draw(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  /// The system's error code if not all of it could be written.
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        return errno
      }
      bytes = bytes.dropFirst(count)
    }
    return nil
  }
}

/// Standard output could not be written.
struct OutputError: Error, CustomStringConvertible {
  let code: Int32
  var description: String { "cannot write to standard output: \(String(cString: strerror(code)))" }
}
