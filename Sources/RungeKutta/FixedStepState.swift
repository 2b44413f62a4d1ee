import ODECore

/// An integration with a fixed step: what evolves.
///
/// ``restart`` holds the step size and, for an automatic step, in `errorHistory` what is known of
/// `rho` (its last estimate, the accepted steps since, the sum of `|h| rho` over them, the interval to the
/// next estimate); a resumed run has the same bits as one that was never stopped.
public final class FixedStepState: IntegratorState {
  private let name: String
  private let direction: Double
  private let function: RightHandSide
  private let stages: Stages
  private var y: StateVector
  /// The state before the last step; the next one is built in it.
  private var other: StateVector
  public private(set) var time: Double
  private var last: LastStep
  /// Positive.
  private var size = 0.0
  private var counters = Statistics()

  private let estimator: (any SpectralRadiusEstimating)?
  /// `h rho` of an automatic step.
  private let product: Double
  private var spectrum = SpectralRadiusMemory(interval: FixedStep.refreshInterval, mostFolds: 1)

  init(
    _ problem: ODEProblem, _ tableau: ButcherTableau, _ step: FixedStep, stabilityLimit: Double,
    defaultFraction: Double, threads: Int?, _ name: String, _ restart: Restart?
  ) throws {
    self.name = name
    direction = problem.direction
    time = problem.initialTime
    last = LastStep(at: time)
    y = StateVector(problem.initialState)
    other = StateVector(count: y.count)
    try validate(threads: threads, name)
    function = RightHandSide(problem.system)
    stages = Stages(tableau, function, VectorKernels(count: y.count, threads: threads))
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
    try function.start(time, y, into: stages.first, name)
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
    guard spectrum.resume(restart.errorHistory) else { throw foreignRestart(name) }
  }

  /// Sets the step from a new estimate of `rho`.
  private func refresh() throws {
    guard let estimator else { return }
    let estimate = try estimator.checkedSpectralRadius(time, y, name, advice: "give a step")
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
    spectrum.renew(estimate)
  }

  public var previousTime: Double { last.start }

  public var statistics: Statistics {
    var result = counters
    result.nfev = function.nfev
    return result
  }

  public var restart: Restart {
    Restart(stepSize: direction * size, errorHistory: estimator == nil ? [] : spectrum.history)
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of \(time)")
    let start = time
    last.forget()
    if spectrum.isStale { try refresh() }
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
    time = step.end
    last.accept(step)
    spectrum.accept(step)
    counters.accepted += 1
    counters.lastStepSize = step.h
    accepted = true
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    last.interpolate(at: t, from: other, to: y, into: &result) {
      stages.interpolate($0, last.h, other, y, into: $1)
    }
  }
}
