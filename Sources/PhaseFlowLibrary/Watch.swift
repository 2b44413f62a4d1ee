import CPhaseFlow
import Figures
import Studies
import Sweeps
import Synchronization

/// The caller's function that is told how far a call is, and may end it.
struct Watch: @unchecked Sendable {
  let interval: Duration
  private let function: phaseflow_progress_function
  private let user: UnsafeMutableRawPointer?
  private let last = Last()

  /// What was told last, on whichever thread.
  private final class Last: Sendable { let progress = Mutex(phaseflow_progress()) }

  /// - Parameter seconds: between two calls; 0: 0.2.
  /// - Returns: `nil` without a function.
  init?(_ function: phaseflow_progress_function?, _ user: UnsafeMutableRawPointer?, _ seconds: Double) {
    guard let function else { return nil }
    (self.function, self.user) = (function, user)
    interval = .seconds(seconds > 0 && seconds < 1e9 ? seconds : 0.2)
  }

  /// Whether the call is to end.
  func tell(fraction: Double, time: Double, steps: Int) -> Bool {
    tell { ($0.fraction, $0.time, $0.loss, $0.steps) = (fraction, time, .nan, UInt64(steps)) }
  }

  func tell(_ run: RunProgress) -> Bool {
    tell {
      ($0.fraction, $0.time, $0.loss, $0.steps) = (
        run.fraction, run.time, run.loss ?? .nan, UInt64(run.steps)
      )
    }
  }

  func tell(_ sweep: SweepProgress) -> Bool {
    tell {
      ($0.fraction, $0.time, $0.loss) = (sweep.fraction, .nan, .nan)
      ($0.done, $0.total, $0.failed) = (UInt64(sweep.done), UInt64(sweep.total), UInt64(sweep.failed))
    }
  }

  /// Draws with `body`; where the caller wants to end it, the drawing throws `FigureError.cancelled`.
  static func drawing<T>(_ watch: Watch?, _ body: () throws -> T) rethrows -> T {
    guard let watch else { return try body() }
    var asked = ContinuousClock.now
    return try Drawing.cancelled {
      if ContinuousClock.now - asked < watch.interval { return false }
      asked = .now
      return watch.tellAgain()
    } _: {
      try body()
    }
  }

  private func tell(_ fill: (inout phaseflow_progress) -> Void) -> Bool {
    var progress = phaseflow_progress()
    fill(&progress)
    let told = progress
    last.progress.withLock { $0 = told }
    return tellAgain()
  }

  /// Tells what was told last.
  private func tellAgain() -> Bool {
    var progress = last.progress.withLock { $0 }
    progress.struct_size = MemoryLayout<phaseflow_progress>.size
    return function(&progress, user) != 0
  }
}
