import Foundation

/// The size of the next step, from how the last ones went.
struct StepSizeControl {
  let tolerance: Double
  let stages: Int
  /// The step to try next.
  var next = 0.0
  /// Steps for which growth is held back after a rejection.
  var hold = 0
  /// Accepted steps, and rejections because the loss would have risen, those before a resumption included.
  var taken = 0
  var climbs = 0
  /// In this run: accepted steps; rejections, and those by the error test and by the iteration for the path.
  private(set) var accepted = 0
  private(set) var rejected = 0
  private(set) var errorTest = 0
  private(set) var iteration = 0

  /// Where a step goes.
  struct Attempt {
    let end: Double
    let length: Double
    /// Whether it ends at the limit.
    let lands: Bool
    /// The length planned, whatever the limit.
    let wanted: Double
  }

  init(tolerance: Double, stages: Int) {
    self.tolerance = tolerance
    self.stages = stages
  }

  /// A fraction of the fastest time, of growth of a neuron or of decay of the residuals.
  mutating func start(fastestRate: Double) {
    next = pow(tolerance, 1 / Double(stages + 1)) * 0.5 / fastestRate
  }

  /// - Parameter force: the fastest relative growth of a neuron.
  /// - Throws: ``StepFailure/atRest``, ``StepFailure/underflow``.
  func attempt(from time: Double, to limit: Double, force: Double) throws(StepFailure) -> Attempt {
    let wanted = min(next, 1e300)
    // Rapidities beyond 1.5 would make the series long.
    let size = force * wanted > 1.5 ? 1.5 / force : wanted
    let lands = limit - time <= 1.01 * size
    let end = lands ? limit : time + size
    if !lands, end > 1e300 { throw .atRest }
    let length = end - time
    if length < max(16 * time.magnitude.ulp, 1e-300), !lands { throw .underflow }
    return Attempt(end: end, length: length, lands: lands, wanted: wanted)
  }

  /// There was no path over a step of `length`.
  mutating func rejectPath(_ length: Double) {
    iteration += 1
    rejected += 1
    next = length * 0.5
    hold = 3
  }

  /// Whether `error`, over the tolerance, is too large for a step of `length`; if so it is rejected.
  mutating func rejects(_ length: Double, error: Double) -> Bool {
    if error <= 1.5 { return false }
    errorTest += 1
    rejected += 1
    next = length * (error.isFinite ? min(factor(error), 0.8) : 0.2)
    return true
  }

  /// The loss would rise over a step of `length`. False if that has been found too often to mean anything.
  mutating func rejectsClimb(_ length: Double) -> Bool {
    if climbs >= 1000 { return false }
    climbs += 1
    rejected += 1
    next = length * 0.5
    hold = 2
    return true
  }

  mutating func accept(_ attempt: Attempt, error: Double) {
    let (factor, growth) = (factor(error), hold > 0 ? 1.2 : 4)
    hold = max(hold - 1, 0)
    next = attempt.length * min(factor, growth)
    // A step cut short by the limit that went well says nothing against the size that was planned.
    if attempt.lands, factor >= 1 { next = max(next, attempt.wanted) }
    taken += 1
    accepted += 1
  }

  private func factor(_ error: Double) -> Double {
    min(max(0.85 * pow(error + 1e-30, -1 / Double(stages + 1)), 0.2), 4)
  }
}
