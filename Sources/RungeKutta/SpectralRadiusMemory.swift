import ODECore

/// The last estimate of the Jacobian's spectral radius `rho`, and how old it is.
struct SpectralRadiusMemory {
  /// The estimate is renewed after so many accepted steps.
  let mostSteps: Int
  /// And when `|h| rho` has summed to this, if that is earlier.
  let mostFolds: Double
  private(set) var rho = 0.0
  private var steps = 0
  private var folds = 0.0

  init(mostSteps: Int, mostFolds: Double = .infinity) {
    self.mostSteps = mostSteps
    self.mostFolds = mostFolds
  }

  var isStale: Bool { steps >= mostSteps || folds >= mostFolds }
  /// Whether it was made at the present state.
  var isFresh: Bool { steps == 0 }

  mutating func renew(_ estimate: Double) { (rho, steps, folds) = (estimate, 0, 0) }

  mutating func accept(_ step: StepTarget) {
    steps += 1
    folds += abs(step.h) * rho
  }

  /// What a ``ODECore/Restart`` keeps of it.
  var history: [Double] { [rho, Double(steps), folds] }

  /// Takes over an earlier run's ``history``; returns whether it is one.
  mutating func resume(_ history: some Collection<Double>) -> Bool {
    let history = Array(history)
    guard history.count == 3, history[0] >= 0, history[0].isFinite, history[1] >= 0, history[1] <= 1e9,
      history[2] >= 0
    else { return false }
    (rho, steps, folds) = (history[0], Int(history[1]), history[2])
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
func foreignRestart(_ method: String) -> IntegrationFailure {
  IntegrationFailure(.initialFailure, "\(method): the restart is not from a run of this method and system")
}
