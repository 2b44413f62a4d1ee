import ODECore
import UntrustedNumbers

/// The last estimate of the Jacobian's spectral radius `rho`, and how old it is.
struct SpectralRadiusMemory {
  private let shortestInterval: Int
  private let longestInterval: Int
  private let mostFolds: Double
  private(set) var rho = 0.0
  private var steps = 0
  private var folds = 0.0
  private var interval: Int

  /// The estimate is renewed after `interval` accepted steps, and when `|h| rho` has summed to `mostFolds` if
  /// that is earlier. With a `longestInterval` the interval doubles up to there as long as a new
  /// estimate is within a twentieth of the last, and starts anew when it is not.
  init(interval: Int, longestInterval: Int? = nil, mostFolds: Double = .infinity) {
    shortestInterval = interval
    self.longestInterval = longestInterval ?? interval
    self.mostFolds = mostFolds
    self.interval = interval
  }

  var isStale: Bool { steps >= interval || folds >= mostFolds }
  /// Whether it was made at the present state.
  var isFresh: Bool { steps == 0 }

  mutating func renew(_ estimate: Double) {
    let isSteady = abs(estimate - rho) < 0.05 * rho
    interval = isSteady ? min(2 * interval, longestInterval) : shortestInterval
    (rho, steps, folds) = (estimate, 0, 0)
  }

  mutating func accept(_ step: StepTarget) {
    steps += 1
    folds += abs(step.h) * rho
  }

  /// What a ``/ODECore/Restart`` keeps of it: `rho`, the accepted steps since it was estimated, the sum of
  /// `|h| rho` over them, and the present interval.
  var history: [Double] { [rho, Double(steps), folds, Double(interval)] }

  /// Takes over an earlier run's ``history``; returns whether it is one.
  mutating func resume(_ history: some Collection<Double>) -> Bool {
    let history = Array(history)
    guard history.count == 4, history.allSatisfy({ $0 >= 0 && $0 <= .greatestFiniteMagnitude }),
      history[1] <= 1e9, history[3] >= Double(shortestInterval), history[3] <= Double(longestInterval)
    else { return false }
    (rho, steps, folds, interval) = (
      history[0], Int(saturating: history[1]), history[2], Int(saturating: history[3])
    )
    return true
  }
}

extension SpectralRadiusEstimating {
  /// The estimate at `(t, y)`; one that is not a number is a failure of `method`, and `advice` says what
  /// may help.
  func checkedSpectralRadius(
    _ t: Double, _ y: StateVector, _ method: String, advice: String
  ) throws -> Double {
    let rho = try y.withSpan { try spectralRadius(t, $0) }
    guard rho >= 0, rho.isFinite else {
      throw IntegrationFailure(
        .nonFinite, "\(method): the estimated spectral radius is \(rho) at t = \(t); \(advice)")
    }
    return rho
  }
}

/// The failure of a run that is resumed with another method's memory.
package func foreignRestart(_ method: String) -> IntegrationFailure {
  IntegrationFailure(.initialFailure, "\(method): the restart is not from a run of this method and system")
}
