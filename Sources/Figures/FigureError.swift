import Foundation
import UntrustedNumbers

/// Why a figure could not be made.
public enum FigureError: Error, Equatable, CustomStringConvertible {
  /// The program is not on the search path.
  case gnuplotMissing(searched: [String])
  /// It ended with an error; `message` is what it wrote to standard error.
  case gnuplotFailed(script: String, status: Int32, message: String)
  /// It did not come back.
  case gnuplotHangs(script: String, seconds: Double)
  /// Somebody has asked the program to end.
  case cancelled
  /// It ended well but left no such file.
  case noOutput(file: String, message: String)
  /// A panel would have no room; the whole picture must have at least this size, in points.
  case tooSmall(least: Figure.Size)
  /// The name cannot be that of a file.
  case badName(String)
  /// A file or folder could not be written, or a program not started.
  case fileSystem(action: String, path: String, reason: String)

  public var description: String {
    switch self {
    case .gnuplotMissing(let searched):
      "gnuplot was not found in \(searched.joined(separator: ":")); install it (Debian: gnuplot-nox) or "
        + "write the script only and run it elsewhere"
    case .gnuplotFailed(let script, let status, let message):
      "gnuplot failed on '\(script)' with status \(status): \(message)"
    case .gnuplotHangs(let script, let seconds):
      "gnuplot did not finish '\(script)' within \(Int(saturating: seconds)) s"
    case .cancelled: "interrupted"
    case .noOutput(let file, let message):
      "gnuplot made no '\(file)'" + (message.isEmpty ? "" : ": \(message)")
    case .tooSmall(let least):
      String(
        format: "the picture is too small; it needs at least %.1f x %.1f cm", least.width * 2.54 / 72,
        least.height * 2.54 / 72)
    case .badName(let name):
      "'\(name)' cannot name a figure; use letters, digits, '.', '-' and '_', not beginning with '.' or '-'"
    case .fileSystem(let action, let path, let reason):
      "could not \(action) '\(path)': \(reason)"
    }
  }
}
