import Synchronization

/// Hands out 0, 1, 2, ... to whoever asks first.
final class Counter: Sendable {
  private let value = Atomic<Int>(0)

  func take(below count: Int) -> Int? {
    let i = value.add(1, ordering: .relaxed).oldValue
    return i < count ? i : nil
  }
}
