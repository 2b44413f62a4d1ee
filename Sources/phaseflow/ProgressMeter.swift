import Foundation
import Studies
import Sweeps
import UntrustedNumbers

/// A progress bar on a terminal; a plain line every ten seconds elsewhere. Always on standard error.
///
/// Called from one thread at a time.
final class ProgressMeter: @unchecked Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  private var isShown = false
  private var lastShown = ContinuousClock.now

  /// Between two reports that are worth making.
  var interval: Duration { isTerminal ? .milliseconds(200) : .seconds(10) }

  /// Of a run, which reports once in each ``interval``.
  func show(_ progress: RunProgress) {
    let loss = progress.loss.map { String(format: "R = %.3e  ", $0) } ?? ""
    draw(
      progress.fraction,
      String(format: "t = %.3g  ", progress.time) + loss + "\(progress.steps) steps")
  }

  /// Of a sweep.
  func show(_ p: SweepProgress) {
    var parts = ["\(p.done) of \(p.total) runs"]
    if p.failed > 0 { parts.append("\(p.failed) failed") }
    if p.others > 0 {
      let who = p.holders.prefix(3).joined(separator: "; ") + (p.holders.count > 3 ? "; ..." : "")
      parts.append("\(p.others) with other processes" + (who.isEmpty ? "" : " (\(who))"))
    }
    if let seconds = p.secondsLeft, p.done < p.total { parts.append("about \(durationText(seconds)) left") }
    show(p.fraction, parts.joined(separator: ", "))
  }

  /// Of work in parts, whose reports come as parts end: where there is no bar, at most one line in each ``interval``.
  func show(_ fraction: Double, _ activity: String) {
    let now = ContinuousClock.now
    guard isTerminal || now - lastShown >= interval else { return }
    lastShown = now
    draw(fraction, activity)
  }

  private func draw(_ fraction: Double, _ text: String) {
    let share = fraction.isFinite ? min(1, max(0, fraction)) : 0
    if isTerminal {
      let filled = Int(saturating: share * 30)
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
      write("\r[\(bar)] \(Int(saturating: share * 100)) %  \(text)\u{1B}[K")
      isShown = true
    } else {
      write("\(Int(saturating: share * 100)) %  \(text)\n")
    }
  }

  /// Removes the bar.
  func clear() {
    if isShown { write("\r\u{1B}[K") }
    isShown = false
  }

  private func write(_ text: String) { Console.draw(text) }
}

/// A time that a person waits: `40 s`, `3 min`, `1.5 h`.
func durationText(_ seconds: Double) -> String {
  switch seconds {
  case ..<90: "\(Int(saturating: max(0, seconds).rounded(.up))) s"
  case ..<5400: "\(Int(saturating: (seconds / 60).rounded(.up))) min"
  default: String(format: "%.1f h", seconds / 3600)
  }
}
