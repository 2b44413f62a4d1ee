import ODECore
import UntrustedNumbers

/// The last estimate of the Jacobian's spectral radius `rho`, and how old it is.
struct SpectralRadiusMemory {
  /// What makes an estimate old before its steps do, for steps near the end of a method's interval of stability.
  struct Age {
    /// The sum of `|h| rho` since the estimate. Twice that is allowed for each estimate in a row that is within a twentieth of the last, up to
    /// ``mostFolds``.
    let folds: Double
    let mostFolds: Double
    /// The length of the path since the estimate, relative to the state, together with the first allowance of ``folds``.
    let path: Double
  }

  private let shortestInterval: Int
  private let longestInterval: Int
  private let age: Age?
  private(set) var rho = 0.0
  private var steps = 0
  private var folds = 0.0
  private var path = 0.0
  private var allowance: Double
  private var interval: Int

  /// The estimate is renewed after `interval` accepted steps, or at `age` if that is earlier. With a `longestInterval` the interval doubles up to
  /// there as long as a new estimate is within a twentieth of the last, and starts anew when it is not.
  init(interval: Int, longestInterval: Int? = nil, age: Age? = nil) {
    shortestInterval = interval
    self.longestInterval = longestInterval ?? interval
    self.age = age
    self.interval = interval
    allowance = age?.folds ?? 0
  }

  var isStale: Bool {
    guard steps < interval else { return true }
    return age.map { folds >= allowance || folds >= $0.folds && path >= $0.path } ?? false
  }
  /// Whether it was made at the present state.
  var isFresh: Bool { steps == 0 }

  mutating func renew(_ estimate: Double) {
    let isSteady = abs(estimate - rho) < 0.05 * rho
    interval = isSteady ? min(2 * interval, longestInterval) : shortestInterval
    allowance = isSteady ? min(2 * allowance, age?.mostFolds ?? 0) : age?.folds ?? 0
    (rho, steps, folds, path) = (estimate, 0, 0, 0)
  }

  /// - Parameter path: the step's length relative to the state, where ``Age`` asks for it.
  mutating func accept(_ step: StepTarget, path: Double = 0) {
    steps += 1
    folds += abs(step.h) * rho
    self.path += path
  }

  /// What a ``/ODECore/Restart`` keeps of it: `rho`, the accepted steps since it was estimated, the sum of
  /// `|h| rho` over them, the present interval; where there is an ``Age`` the path and the allowance.
  var history: [Double] {
    [rho, Double(steps), folds, Double(interval)] + (age == nil ? [] : [path, allowance])
  }

  /// Takes over an earlier run's ``history``; returns whether it is one.
  mutating func resume(_ history: some Collection<Double>) -> Bool {
    let history = Array(history)
    guard history.count == (age == nil ? 4 : 6),
      history.allSatisfy({ $0 >= 0 && $0 <= .greatestFiniteMagnitude }),
      history[1] <= 1e9, history[3] >= Double(shortestInterval), history[3] <= Double(longestInterval)
    else { return false }
    (rho, steps, folds, interval) = (
      history[0], Int(saturating: history[1]), history[2], Int(saturating: history[3])
    )
    if age != nil { (path, allowance) = (history[4], history[5]) }
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
