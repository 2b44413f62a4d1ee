import Foundation
import UntrustedNumbers

/// Lets runs begin only as long as what they are expected to hold fits into memory together; one alone may
/// always run.
final class MemoryBudget: @unchecked Sendable {
  private let total: Double
  private let condition = NSCondition()
  private var used = 0.0

  init(bytes: Double) { total = bytes }

  func acquire(_ bytes: Double) {
    condition.withLock {
      while used > 0, used + bytes > total { condition.wait() }
      used += bytes
    }
  }

  func release(_ bytes: Double) {
    condition.withLock {
      used -= bytes
      condition.broadcast()
    }
  }

  /// How many runs of this size fit at once, at least one.
  func capacity(_ bytes: Double) -> Int {
    bytes > 0 ? max(1, Int(saturating: min(total / bytes, 1e6))) : 1_000_000
  }
}
