import ODECore

/// Error control of a one-step method: tries steps until one passes, and chooses the next one's size.
///
/// A class: a step that works on a struct in a property would be checked for exclusive access all the while.
package final class ErrorControl {
  private let name: String
  private let settings: StepControl
  /// The order of the error estimate: the local error is proportional to `h^order`.
  private let order: Int
  /// The next step's size, positive.
  package private(set) var nextStep: Double
  /// The errors of the last two accepted steps, newest first.
  private var errors: (Double, Double)
  package private(set) var counters = Statistics()
  /// Accepted steps before which an attempt's error fell so little with the step that `f` cannot be smooth in it: see `JumpWatch`.
  private(set) var jumps = 0

  /// So many attempts in a row may end in NaN or infinity: 0.2^60 spans the range from any sane first
  /// guess to any sane step.
  private static let mostNonFinite = 60

  /// - Parameter lastOrder: the method's order, for the statistics.
  package init(
    _ name: String, _ settings: StepControl, errorOrder: Int, lastOrder: Int, nextStep: Double
  ) {
    self.name = name
    self.settings = settings
    order = errorOrder
    self.nextStep = nextStep
    errors = (ErrorMemory.least, ErrorMemory.least)
    counters.lastOrder = lastOrder
  }

  /// What the controller looks back on, for a ``/ODECore/Restart``.
  package var memory: [Double] {
    settings.controller.memoryCount > 1 ? [errors.0, errors.1] : [errors.0]
  }

  /// Takes over an earlier run's ``memory`` from the front of `history`; returns the rest, `nil` if there is too little.
  package func resume<C: RandomAccessCollection<Double>>(_ history: C) -> C.SubSequence? {
    let count = settings.controller.memoryCount
    guard history.count >= count, history.prefix(count).allSatisfy({ $0 > 0 && $0.isFinite }) else {
      return nil
    }
    let known = Array(history.prefix(count))
    errors = (known[0], known.last!)
    return history.dropFirst(count)
  }

  /// Takes one step that passes the error test from `start` towards `limit`.
  ///
  /// - Parameters:
  ///   - largest: the largest stable step, asked before every attempt with the number of rejections so far.
  ///   - attempt: tries a step and returns its error, not finite if anything is not.
  package func step(
    from start: Double, limit: Double, largest: (_ rejections: Int) throws -> Double,
    attempt: (StepTarget) throws -> Double
  ) throws -> StepTarget {
    var size = min(nextStep, settings.maxStep)
    var wanted = size
    var rejections = 0
    var nonFinite = 0
    var failed: (error: Double, size: Double)?
    var jumped = false
    while true {
      let stable = try largest(rejections)
      let smallest = StepTarget.smallest(at: start)
      guard stable >= smallest else {
        throw IntegrationFailure(
          .stepSizeUnderflow,
          "\(name): at t = \(start) a stable step is \(stable) at most and does not change t; the problem is too stiff for this method"
        )
      }
      size = min(size, stable)
      wanted = min(wanted, stable)
      let step = StepTarget(from: start, size, limit: limit, balanced: true)
      let error = try attempt(step)
      if let failed, JumpWatch.isJump(error, abs(step.h), after: failed, order: order) { jumped = true }
      if error <= 1 {
        if jumped { jumps += 1 }
        accept(step, error, wanted: wanted, afterRejection: rejections > 0)
        return step
      }
      counters.rejected += 1
      rejections += 1
      if error.isFinite {
        counters.netf += 1
        nonFinite = 0
        failed = (error, abs(step.h))
        size = abs(step.h) * settings.controller.reduction(error, order: order)
      } else {
        nonFinite += 1
        failed = nil
        size = abs(step.h) * settings.controller.minFactor
      }
      if nonFinite > 0, nonFinite >= Self.mostNonFinite || size < smallest {
        throw IntegrationFailure(
          .nonFinite,
          "\(name): NaN or infinity in f or y at every step tried from t = \(start), the last of size \(step.h); f may not be defined beyond, or the solution grows without bound there"
        )
      }
      if size < smallest {
        throw IntegrationFailure(
          .stepSizeUnderflow,
          "\(name): at t = \(start) the step \(step.h) still has error \(error) (1 is the tolerance) and no smaller step changes t; loosen rtol = \(settings.rtol) and atol = \(settings.atol), look for a jump or a singularity there, or use a method for stiff problems"
        )
      }
    }
  }

  private func accept(
    _ step: StepTarget, _ error: Double, wanted: Double, afterRejection: Bool
  ) {
    let factor = settings.controller.growth(
      error, previous: errors.0, beforePrevious: errors.1, order: order, afterRejection: afterRejection)
    nextStep = abs(step.h) * factor
    // A step cut short by the limit that went well says nothing against the size that was planned.
    if factor >= 1, !afterRejection { nextStep = max(nextStep, wanted) }
    nextStep = min(nextStep, settings.maxStep, StepTarget.largest)
    errors = (max(error, ErrorMemory.least), errors.0)
    counters.accepted += 1
    counters.lastStepSize = step.h
  }
}
