import Dispatch

/// The neurons in runs of fixed length, and who works on them.
///
/// Sums over neurons are formed per chunk and the chunks' sums added in order. The chunks depend on the
/// problem's size alone, so the number of threads does not change a bit of any result.
struct NeuronChunks {
  let width: Int
  /// Neurons per chunk; the last one may be shorter.
  let size: Int
  let threads: Int

  init(width: Int, size: Int, threads: Int) {
    self.width = width
    self.size = min(size, width)
    self.threads = min(threads, (width + self.size - 1) / self.size)
  }

  var count: Int { (width + size - 1) / size }

  @inline(__always) func start(_ chunk: Int) -> Int { chunk * size }
  @inline(__always) func length(_ chunk: Int) -> Int { min(size, width - chunk * size) }

  /// Calls `body(chunk, thread)` for each chunk; a thread's chunks are consecutive.
  @inline(__always) func forEach(_ body: (Int, Int) -> Void) {
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
