import Foundation
import Sweeps

/// A sweep's progress bar on a terminal, a plain line every ten seconds elsewhere. Always on standard error.
///
/// Called from one thread at a time.
final class SweepMeter: @unchecked Sendable {
  private let isTerminal = isatty(STDERR_FILENO) == 1
  // The first plain line comes after ten seconds: most runs have ended by then.
  private var shown = Date()

  func show(_ progress: SweepProgress) {
    guard isTerminal || Date().timeIntervalSince(shown) >= 10 else { return }
    shown = Date()
    let percent = Int(progress.fraction * 100)
    if isTerminal {
      let filled = Int(progress.fraction * 30)
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 30 - filled)
      write("\r[\(bar)] \(percent) %  \(text(progress))\u{1B}[K")
    } else {
      write("\(percent) %  \(text(progress))\n")
    }
  }

  /// Removes the bar.
  func clear() {
    if isTerminal { write("\r\u{1B}[K") }
  }

  private func text(_ p: SweepProgress) -> String {
    var parts = ["\(p.done) of \(p.total) runs"]
    if p.failed > 0 { parts.append("\(p.failed) failed") }
    if p.others > 0 { parts.append("\(p.others) with other processes") }
    if let seconds = p.secondsLeft, p.done < p.total { parts.append("about \(Self.duration(seconds)) left") }
    return parts.joined(separator: ", ")
  }

  static func duration(_ seconds: Double) -> String {
    switch seconds {
    case ..<90: "\(Int(seconds.rounded(.up))) s"
    case ..<5400: "\(Int((seconds / 60).rounded(.up))) min"
    default: String(format: "%.1f h", seconds / 3600)
    }
  }

  private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
