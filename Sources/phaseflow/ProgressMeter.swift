import Foundation
import Studies

/// A progress bar on a terminal; a plain line every ten seconds elsewhere. Always on standard error.
final class ProgressMeter {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var shown = false
  private var lastShown = ContinuousClock.now

  var interval: Duration { isTerminal ? .milliseconds(200) : .seconds(10) }

  func show(_ progress: RunProgress) {
    let loss = progress.loss.map { String(format: "R = %.3e  ", $0) } ?? ""
    draw(
      progress.fraction,
      String(format: "t = %.3g  ", progress.time) + loss + "\(progress.steps) steps")
  }

  /// Of work in parts, whose reports come as parts end: where there is no bar, at most one line in each ``interval``.
  func show(_ fraction: Double, _ activity: String) {
    let now = ContinuousClock.now
    guard now - lastShown >= interval else { return }
    lastShown = now
    draw(fraction, activity)
  }

  private func draw(_ fraction: Double, _ text: String) {
    if isTerminal {
      let filled = Int(fraction * 30)
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
      write("\r[\(bar)] \(Int(fraction * 100)) %  \(text)\u{1B}[K")
      shown = true
    } else {
      write("\(Int(fraction * 100)) %  \(text)\n")
    }
  }

  /// Removes the bar.
  func clear() {
    if shown { write("\r\u{1B}[K") }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
