import CPhaseFlow
import Studies
import Sweeps

/// The caller's function that is told how far a call is, and may end it.
struct Watch: @unchecked Sendable {
  let interval: Duration
  private let function: phaseflow_progress_function
  private let user: UnsafeMutableRawPointer?

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

  private func tell(_ fill: (inout phaseflow_progress) -> Void) -> Bool {
    var progress = phaseflow_progress()
    progress.struct_size = MemoryLayout<phaseflow_progress>.size
    fill(&progress)
    return function(&progress, user) != 0
  }
}
