import Dispatch
import Foundation
import ODECore

/// Turns the first Ctrl-C (or SIGTERM) into a cancellation, so that the run ends in order; a
/// second Ctrl-C ends the process at once.
final class InterruptHandler {
  let cancellation = Cancellation()
  private let sources: [any DispatchSourceSignal]

  init() {
    let cancellation = cancellation
    sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        // Wrappers pass a SIGTERM on twice, to the process and to its group; only a second Ctrl-C is impatience.
        if cancellation.isCancelled, number == SIGINT { _exit(130) }
        cancellation.cancel()
      }
      source.resume()
      return source
    }
  }

  deinit { sources.forEach { $0.cancel() } }
}
