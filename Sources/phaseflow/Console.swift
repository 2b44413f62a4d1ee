import Foundation

/// Standard output and standard error, the only writers of both.
enum Console {
  /// Prints a result and a line end on standard output.
  ///
  /// - Throws: ``OutputError`` if it cannot be written, on a full disk for example: the program then fails.
  static func show(_ text: String, terminator: String = "\n") throws {
    if let code = write(text + terminator, to: STDOUT_FILENO) { throw OutputError(code: code) }
  }

  /// Prints a message and a line end on standard error. One that cannot be written is dropped: no run ends for that.
  static func say(_ text: String) { _ = write(text + "\n", to: STDERR_FILENO) }

  /// The same, without a line end.
  static func draw(_ text: String) { _ = write(text, to: STDERR_FILENO) }

  enum Colour: Int {
    case red = 31
    case green = 32
  }

  /// `text` in a colour where standard output is a terminal, unless NO_COLOR is set (no-color.org).
  static func coloured(_ text: String, _ colour: Colour) -> String {
    let environment = ProcessInfo.processInfo.environment
    let wantsNone = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
    guard isatty(STDOUT_FILENO) == 1, !wantsNone else { return text }
    return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
  }

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
