import Dispatch

/// The elements of a long vector in runs of fixed length, and who works on them.
///
/// Sums are formed per chunk and the chunks' sums added in order. The chunks depend on the
/// problem's size alone, so the number of threads does not change a bit of any result.
package struct FixedChunks: Sendable {
  package let total: Int
  /// Elements per chunk; the last one may be shorter.
  package let size: Int
  package let threads: Int

  package init(total: Int, size: Int, threads: Int) {
    self.total = total
    self.size = max(1, min(size, total))
    self.threads = min(threads, (total + self.size - 1) / self.size)
  }

  package var count: Int { (total + size - 1) / size }

  package func start(_ chunk: Int) -> Int { chunk * size }
  package func length(_ chunk: Int) -> Int { min(size, total - chunk * size) }

  /// Calls `body(chunk, thread)` for each chunk; a thread's chunks are consecutive.
  package func forEach(_ body: (Int, Int) -> Void) {
    guard threads > 1 else {
      for chunk in 0..<count { body(chunk, 0) }
      return
    }
    let (threads, count) = (threads, count)
    withoutActuallyEscaping(body) { escaping in
      nonisolated(unsafe) let body = escaping
      DispatchQueue.concurrentPerform(iterations: threads) { thread in
        for chunk in (thread * count / threads)..<((thread + 1) * count / threads) {
          body(chunk, thread)
        }
      }
    }
  }
}
