import Foundation
import Studies

/// A progress bar on a terminal; a plain line every ten seconds elsewhere. Always on standard error.
final class ProgressMeter {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var shown = false

  var interval: Duration { isTerminal ? .milliseconds(200) : .seconds(10) }

  func show(_ progress: RunProgress) {
    let loss = progress.loss.map { String(format: "R = %.3e  ", $0) } ?? ""
    let numbers = String(format: "t = %.3g  ", progress.time) + loss + "\(progress.steps) steps"
    if isTerminal {
      let filled = Int(progress.fraction * 30)
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
      write("\r[\(bar)] \(Int(progress.fraction * 100)) %  \(numbers)\u{1B}[K")
      shown = true
    } else {
      write("\(Int(progress.fraction * 100)) %  \(numbers)\n")
    }
  }

  /// Removes the bar.
  func clear() {
    if shown { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
