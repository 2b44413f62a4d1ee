import ArgumentParser
import Dispatch
import Figures
import Foundation
import ODECore

/// What signals mean, for the life of the process: the first SIGINT (Ctrl-C), SIGTERM or SIGHUP (the terminal closed) is
/// a cancellation, so that the run ends in order; another one ends the process at once. SIGPIPE and SIGXFSZ mean nothing:
/// a write that fails says so itself.
enum InterruptHandler {
  static let cancellation = Cancellation()

  /// Wrappers pass a signal on twice, to the process and to its group; later ones are impatience.
  private static let doubling = Duration.milliseconds(300)
  private nonisolated(unsafe) static var sources: [any DispatchSourceSignal] = []

  /// Call it once, before anything is begun.
  static func install() {
    signal(SIGPIPE, SIG_IGN)
    // A file beyond the user's limit is then an error of the write, like a full disk.
    signal(SIGXFSZ, SIG_IGN)
  }

  /// From now on signals cancel.
  static func listen() {
    guard sources.isEmpty else { return }
    let queue = DispatchQueue(label: "signals")
    nonisolated(unsafe) var first: ContinuousClock.Instant?
    sources = [SIGINT, SIGTERM, SIGHUP].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        if let first, ContinuousClock.now - first > doubling { _exit(130) }
        if first == nil {
          first = .now
          cancellation.cancel()
          // A step, or a picture, may take long.
          if isatty(STDERR_FILENO) == 1 {
            Console.say("\r\u{1B}[Kinterrupted: finishing; once more to end at once")
          }
          Drawing.cancel()
        }
      }
      source.resume()
      return source
    }
  }
}

/// Does `body`, which a signal ends by `CancellationError`.
///
/// - Throws: what `body` throws; the exit code 130 if it was interrupted.
func interruptible<T>(_ body: () throws -> T) throws -> T {
  do { return try body() } catch is CancellationError { throw ExitCode(130) }
}
