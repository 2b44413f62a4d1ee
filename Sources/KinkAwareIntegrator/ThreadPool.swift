import CKinkFlow
import Dispatch
import Synchronization

/// The threads that share the work, and a piece of scratch memory for each.
final class ThreadPool: Sendable {
  let threads: Int
  private let scratchLength: Int
  private nonisolated(unsafe) let scratch: UnsafeMutablePointer<Double>

  /// Below this many neurons touched, waking a thread costs more than it does.
  static let worthwhile = 4000

  init(width: Int, threads: Int, scratch length: Int) {
    // Aligned for vectors of eight.
    scratchLength = (length + 7) & ~7
    self.threads = width < Self.worthwhile ? 1 : threads
    scratch = UnsafeMutableRawPointer.allocate(
      byteCount: scratchLength * self.threads * MemoryLayout<Double>.stride, alignment: 64
    ).bindMemory(to: Double.self, capacity: scratchLength * self.threads)
  }

  deinit { scratch.deallocate() }

  /// The scratch memory of a thread.
  func scratch(_ thread: Int) -> UnsafeMutablePointer<Double> { scratch + thread * scratchLength }

  /// Of a thread: room for a batch of neurons of q numbers, and the scratch memory of ``ckink_follow``.
  func batchMemory(_ thread: Int, _ q: Int) -> BatchMemory {
    BatchMemory(theta: scratch(thread), scratch: scratch(thread) + Int(CKINK_LANES) * q)
  }

  /// Calls `body(i, thread)` for `i` in `0..<count`, on threads if about `work` neurons are touched in all; which thread
  /// takes which `i` is left to chance, and of no consequence.
  @inline(__always)
  func forEach(_ count: Int, work: Int, _ body: (_ i: Int, _ thread: Int) -> Void) {
    guard threads > 1, count > 1, work >= Self.worthwhile else {
      for i in 0..<count { body(i, 0) }
      return
    }
    share(count, body)
  }

  private func share(_ count: Int, _ body: (Int, Int) -> Void) {
    let next = Counter()
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let body = escaping
      DispatchQueue.concurrentPerform(iterations: min(threads, count)) { thread in
        while let i = next.take(below: count) { body(i, thread) }
      }
    }
  }
}

/// Room for eight neurons side by side, and for what it takes to follow them.
struct BatchMemory {
  /// q x 8.
  let theta: UnsafeMutablePointer<Double>
  let scratch: UnsafeMutablePointer<Double>
}

/// Hands out 0, 1, 2, ... to whoever asks first.
private final class Counter: Sendable {
  private let value = Atomic<Int>(0)

  func take(below count: Int) -> Int? {
    let i = value.add(1, ordering: .relaxed).oldValue
    return i < count ? i : nil
  }
}
