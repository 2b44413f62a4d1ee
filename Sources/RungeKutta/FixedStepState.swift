import ODECore

/// An integration with a fixed step: what evolves.
///
/// ``restart`` holds the step size and, for an automatic step, in `errorHistory` the last estimate of
/// `rho`, the accepted steps since, and the sum of `|h| rho` over them; a resumed run has the same bits
/// as one that was never stopped.
public final class FixedStepState: IntegratorState {
  public private(set) var time: Double
  public private(set) var previousTime: Double

  private let name: String
  private let direction: Double
  private let stages: Stages
  private var y: StateVector
  /// The state before the last step; the next one is built in it.
  private var other: StateVector
  private var lastStep = 0.0
  /// Positive.
  private var size = 0.0
  private var counters = Statistics()

  private let estimator: (any SpectralRadiusEstimating)?
  /// `h rho` of an automatic step.
  private let product: Double
  private var rho = 0.0
  private var stepsSince = 0
  private var foldsSince = 0.0

  init(
    _ problem: ODEProblem, _ tableau: ButcherTableau, _ step: FixedStep, stabilityLimit: Double,
    defaultFraction: Double, _ name: String, _ restart: Restart?
  ) throws {
    self.name = name
    direction = problem.direction
    time = problem.initialTime
    previousTime = problem.initialTime
    y = StateVector(problem.initialState)
    other = StateVector(count: y.count)
    stages = Stages(tableau, problem.system)
    switch step {
    case .value(let h):
      guard h > 0, h.isFinite else {
        throw IntegrationFailure(.initialFailure, "\(name): the step is \(h), it must be positive and finite")
      }
      (estimator, product, size) = (nil, 0, h)
    case .automatic(let fraction):
      let fraction = fraction ?? defaultFraction
      guard fraction > 0, fraction <= 1 else {
        throw IntegrationFailure(
          .initialFailure,
          "\(name): the step is \(fraction) of the stability limit, it must be in (0, 1]")
      }
      guard let system = problem.system as? any SpectralRadiusEstimating else {
        throw IntegrationFailure(
          .initialFailure,
          "\(name): an automatic step needs a system that estimates its spectral radius, and \(type(of: problem.system)) does not; give a step"
        )
      }
      (estimator, product) = (system, fraction * stabilityLimit)
    }
    try stages.evaluate(time, y, into: stages.first)
    if let bad = stages.first.firstNonFinite {
      throw IntegrationFailure(
        .nonFinite,
        "\(name): element \(bad) of f is \(stages.first.pointer[bad]) at the start, t = \(time)")
    }
    if estimator != nil {
      if let restart {
        try resume(restart, problem)
      } else {
        try refresh()
      }
    }
    stages.shift()
    counters.lastOrder = tableau.order
  }

  private func resume(_ restart: Restart, _ problem: ODEProblem) throws {
    size = try resumedStep(restart, problem, name)
    let history = restart.errorHistory
    guard history.count == 3, history[0] >= 0, history[1] >= 0, history[1] <= 1e9, history[2] >= 0 else {
      throw IntegrationFailure(
        .initialFailure, "\(name): the restart is not from a run of this method with an automatic step")
    }
    (rho, stepsSince, foldsSince) = (history[0], Int(history[1]), history[2])
  }

  /// Sets the step from a new estimate of `rho`.
  private func refresh() throws {
    guard let estimator else { return }
    let estimate = try y.withSpan { try estimator.spectralRadius(time, $0) }
    guard estimate >= 0, estimate.isFinite else {
      throw IntegrationFailure(
        .nonFinite, "\(name): the estimated spectral radius is \(estimate) at t = \(time); give a step")
    }
    let wanted = product / estimate
    if size == 0 {
      guard wanted.isFinite else {
        throw IntegrationFailure(
          .initialFailure,
          "\(name): the estimated spectral radius is \(estimate) at t = \(time), which suggests no step; give a step"
        )
      }
      size = wanted
    } else {
      size = min(wanted, 10 * size, StepTarget.largest)
    }
    (rho, stepsSince, foldsSince) = (estimate, 0, 0)
  }

  public var statistics: Statistics {
    var result = counters
    result.nfev = stages.nfev
    return result
  }

  public var restart: Restart {
    Restart(
      stepSize: direction * size,
      errorHistory: estimator == nil ? [] : [rho, Double(stepsSince), foldsSince])
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of \(time)")
    let start = time
    previousTime = start
    if estimator != nil, stepsSince >= FixedStep.refreshInterval || foldsSince >= 1 { try refresh() }
    stages.shift()
    var accepted = false
    defer { if !accepted { stages.shift() } }

    let step = StepTarget(from: start, size, limit: limit, balanced: false)
    guard step.h * direction > 0 else {
      throw IntegrationFailure(
        .stepSizeUnderflow,
        "\(name): the step \(size) does not change t = \(start); give a larger one or another integrator")
    }
    guard try stages.attempt(start, y, step, into: other) else {
      counters.rejected += 1
      let bad = other.firstNonFinite ?? 0
      throw IntegrationFailure(
        .nonFinite,
        "\(name): element \(bad) of the state becomes \(other.pointer[bad]) in the step \(step.h) from t = \(start); the step may be beyond the method's stability, or the solution leaves the domain of f"
      )
    }
    try stages.close(step.end, other)
    (y, other) = (other, y)
    (time, previousTime, lastStep) = (step.end, start, step.h)
    counters.accepted += 1
    counters.lastStepSize = step.h
    stepsSince += 1
    foldsSince += abs(step.h) * rho
    accepted = true
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
