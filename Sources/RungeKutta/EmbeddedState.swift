import CStepperKernels
import ODECore

/// An integration by an embedded pair: what evolves.
///
/// Memory: two states, the stages (seven for ``DormandPrince``), and one vector more for the error if
/// the norm is not a built-in one; ten at most.
///
/// ``restart`` holds the next step size and, in `errorHistory`, the controller's memory: the error of
/// the last accepted step. The first stage is recomputed from the state and has the same bits, so a
/// resumed run goes on as if never stopped; it costs one evaluation.
public final class EmbeddedState: IntegratorState {
  public private(set) var time: Double
  public private(set) var previousTime: Double

  private let name: String
  private let control: StepControl
  private let direction: Double
  private let errorOrder: Int
  private let stages: Stages
  private let fusedNorm: (any FusedErrorNorm)?
  private var y: StateVector
  /// The state before the last step; the next one is built in it.
  private var other: StateVector
  private let errorVector: StateVector?
  private var lastStep = 0.0
  /// The next step's size, positive.
  private var nextStep = 0.0
  private var memory = PIController.leastMemory
  private var counters = Statistics()

  /// So many attempts in a row may end in NaN or infinity: 0.2^60 spans the range from any sane first
  /// guess to any sane step.
  private static let mostNonFinite = 60

  init(
    _ problem: ODEProblem, _ tableau: ButcherTableau, _ control: StepControl, _ name: String,
    _ restart: Restart?
  ) throws {
    try control.validate(name)
    guard tableau.bHat != nil else {
      throw IntegrationFailure(
        .initialFailure, "\(name): the tableau has no embedded method, so no error estimate")
    }
    self.name = name
    self.control = control
    direction = problem.direction
    time = problem.initialTime
    previousTime = problem.initialTime
    errorOrder = min(tableau.order, tableau.embeddedOrder) + 1
    stages = Stages(tableau, problem.system)
    y = StateVector(problem.initialState)
    other = StateVector(count: y.count)
    fusedNorm = y.count > 0 ? control.norm as? any FusedErrorNorm : nil
    errorVector = fusedNorm == nil ? StateVector(count: y.count) : nil

    // The next step begins by taking the last derivative as its first.
    try stages.evaluate(time, y, into: stages.first)
    if let bad = stages.first.firstNonFinite {
      throw IntegrationFailure(
        .nonFinite,
        "\(name): element \(bad) of f is \(stages.first.pointer[bad]) at the start, t = \(time)")
    }
    if let restart {
      nextStep = try resumedStep(restart, problem, name)
      memory = restart.errorHistory.first ?? PIController.leastMemory
    } else if let initialStep = control.initialStep {
      nextStep = initialStep
    } else {
      nextStep = try InitialStep(stages: stages, control: control, problem: problem)
        .size(y, work: other)
    }
    stages.shift()
    counters.lastOrder = tableau.order
  }

  public var statistics: Statistics {
    var result = counters
    result.nfev = stages.nfev
    return result
  }

  public var restart: Restart { Restart(stepSize: direction * nextStep, errorHistory: [memory]) }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of \(time)")
    let start = time
    // Until a step is accepted there is nothing to interpolate: the old stages go now.
    previousTime = start
    stages.shift()
    // A failure must leave the derivative at `time` where the next call looks for it.
    var accepted = false
    defer { if !accepted { stages.shift() } }

    let wanted = min(nextStep, control.maxStep)
    var size = wanted
    var afterRejection = false
    var nonFinite = 0
    while true {
      let step = StepTarget(from: start, size, limit: limit, balanced: true)
      let error = try attempt(start, step)
      if error <= 1 {
        let factor = control.controller.growth(
          error, previous: memory, order: errorOrder, afterRejection: afterRejection)
        nextStep = abs(step.h) * factor
        // A step cut short by the limit that went well says nothing against the size that was planned.
        if factor >= 1, !afterRejection { nextStep = max(nextStep, wanted) }
        nextStep = min(nextStep, control.maxStep, StepTarget.largest)
        memory = max(error, PIController.leastMemory)
        (y, other) = (other, y)
        (time, previousTime, lastStep) = (step.end, start, step.h)
        counters.accepted += 1
        counters.lastStepSize = step.h
        accepted = true
        return
      }
      counters.rejected += 1
      afterRejection = true
      if error.isFinite {
        counters.netf += 1
        nonFinite = 0
        size = abs(step.h) * control.controller.reduction(error, order: errorOrder)
      } else {
        nonFinite += 1
        size = abs(step.h) * control.controller.minFactor
      }
      let smallest = StepTarget.smallest(at: start)
      if nonFinite > 0, nonFinite >= Self.mostNonFinite || size < smallest {
        throw IntegrationFailure(
          .nonFinite,
          "\(name): NaN or infinity in f or y at every step tried from t = \(start), the last of size \(step.h); f may not be defined beyond, or the solution grows without bound there"
        )
      }
      if size < smallest {
        throw IntegrationFailure(
          .stepSizeUnderflow,
          "\(name): at t = \(start) the step \(step.h) still has error \(error) (1 is the tolerance) and no smaller step changes t; loosen rtol = \(control.rtol) and atol = \(control.atol), look for a jump or a singularity there, or use a method for stiff problems"
        )
      }
    }
  }

  /// Tries a step; the result is in `other`. Returns its error, not finite if anything is not.
  private func attempt(_ t: Double, _ step: StepTarget) throws -> Double {
    guard try stages.attempt(t, y, step, into: other) else { return .infinity }
    try stages.close(step.end, other)
    guard let fusedNorm else { return try customError(step.h) }
    let kernel = fusedNorm.kernel
    let (rtol, atol) = (control.rtol, control.atol)
    let result = stages.withErrorTerms { e, k, count in
      kernel(y.pointer, other.pointer, stages.last.pointer, step.h, e, k, count, atol, rtol, y.count)
    }
    return result.finite ? result.norm : .infinity
  }

  private func customError(_ h: Double) throws -> Double {
    guard let errorVector, stages.error(h, into: errorVector),
      cstepper_is_finite(stages.last.pointer, y.count)
    else { return .infinity }
    let (rtol, atol) = (control.rtol, control.atol)
    let error = try errorVector.withSpan { err in
      try y.withSpan { y0 in
        try other.withSpan { try control.norm.norm(of: err, from: y0, to: $0, rtol: rtol, atol: atol) }
      }
    }
    // A negative value would be accepted and then raised to a power.
    return error >= 0 ? error : .infinity
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    precondition(
      (t - previousTime) * (t - time) <= 0, "t = \(t) is outside [\(previousTime), \(time)]")
    result.withUnsafeMutableBufferPointer { buffer in
      precondition(buffer.count == y.count, "\(buffer.count) elements for a state of \(y.count)")
      guard let base = buffer.baseAddress else { return }
      if t == time {
        base.update(from: y.pointer, count: y.count)
      } else if t == previousTime {
        base.update(from: other.pointer, count: y.count)
      } else {
        stages.interpolate((t - previousTime) / lastStep, lastStep, other, y, into: base)
      }
    }
  }
}
