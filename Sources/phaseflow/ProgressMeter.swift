import ArgumentParser
import Foundation
import Studies
import Sweeps
import UntrustedNumbers

/// A progress bar on a terminal, a plain line every ten seconds elsewhere, or JSON for a program that watches. Always on standard error.
///
/// Called from one thread at a time.
final class ProgressMeter: @unchecked Sendable {
  private let style: ProgressStyle
  private let isTerminal: Bool
  private var isShown = false
  private var lastShown = ContinuousClock.now

  init(_ style: ProgressStyle = .bar) {
    self.style = style
    isTerminal = style == .bar && isatty(STDERR_FILENO) == 1
  }

  /// Between two reports that are worth making.
  var interval: Duration {
    switch style {
    case .bar: isTerminal ? .milliseconds(200) : .seconds(10)
    case .json: .milliseconds(500)
    }
  }

  /// Of a run, which reports once in each ``interval``.
  func show(_ progress: RunProgress) {
    if style == .json {
      return line(
        ProgressLine(
          fraction: progress.fraction, time: progress.time, loss: progress.loss, steps: progress.steps))
    }
    let loss = progress.loss.map { String(format: "R = %.3e  ", $0) } ?? ""
    draw(
      progress.fraction,
      String(format: "t = %.3g  ", progress.time) + loss + "\(progress.steps) steps")
  }

  /// Of a sweep.
  func show(_ p: SweepProgress) {
    if style == .json {
      guard isDue || p.done == p.total else { return }
      return line(
        ProgressLine(
          fraction: p.fraction, done: p.done, total: p.total, failed: p.failed, secondsLeft: p.secondsLeft))
    }
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
    guard isTerminal || isDue else { return }
    draw(fraction, activity)
  }

  /// Whether the last report is an ``interval`` ago; then this is the next one.
  private var isDue: Bool {
    let now = ContinuousClock.now
    guard now - lastShown >= interval else { return false }
    lastShown = now
    return true
  }

  private func line(_ progress: ProgressLine) {
    if let text = try? JSONText.compact(progress) { write(text + "\n") }
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

/// How progress is told.
enum ProgressStyle: String, ExpressibleByArgument, CaseIterable {
  /// For people.
  case bar
  /// One object in each line, for programs.
  case json
}

/// `--progress`, of commands that take their time.
struct ProgressOptions: ParsableArguments {
  @Option(help: "How progress is reported on standard error: bar, or json (one JSON object per line).")
  var progress = ProgressStyle.bar
}

/// One line of `--progress json`; what a run or a sweep does not have is left out, and a number that is not finite is null.
private struct ProgressLine: Encodable {
  var fraction: Double
  var time: Double?
  var loss: Double?
  var steps: Int?
  var done: Int?
  var total: Int?
  var failed: Int?
  var secondsLeft: Double?

  private enum CodingKeys: String, CodingKey {
    case fraction, time, loss, steps, done, total, failed, secondsLeft
  }

  func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: CodingKeys.self)
    func add(_ key: CodingKeys, _ value: Double?) throws {
      guard let value else { return }
      try value.isFinite ? c.encode(value, forKey: key) : c.encodeNil(forKey: key)
    }
    try add(.fraction, fraction)
    try add(.time, time)
    try add(.loss, loss)
    try add(.secondsLeft, secondsLeft)
    try c.encodeIfPresent(steps, forKey: .steps)
    try c.encodeIfPresent(done, forKey: .done)
    try c.encodeIfPresent(total, forKey: .total)
    try c.encodeIfPresent(failed, forKey: .failed)
  }
}

/// A time that a person waits: `40 s`, `3 min`, `1.5 h`.
func durationText(_ seconds: Double) -> String {
  switch seconds {
  case ..<90: "\(Int(saturating: max(0, seconds).rounded(.up))) s"
  case ..<5400: "\(Int(saturating: (seconds / 60).rounded(.up))) min"
  default: String(format: "%.1f h", seconds / 3600)
  }
}
