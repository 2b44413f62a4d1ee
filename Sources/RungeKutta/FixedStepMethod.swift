import ODECore

/// An integration with a fixed step.
public typealias FixedStepState = SteppingState<FixedStepMethod>

/// The steps of a method without error control.
///
/// ``errorHistory`` holds, for an automatic step, what `SpectralRadiusMemory` knows of `rho`.
public final class FixedStepMethod: SteppingMethod {
  private let name: String
  private let function: RightHandSide
  private let stages: Stages
  /// Positive.
  private var size = 0.0
  private var counters = Statistics()

  private let estimator: (any SpectralRadiusEstimating)?
  /// `h rho` of an automatic step.
  private let product: Double
  private var spectrum = SpectralRadiusMemory(interval: FixedStep.refreshInterval, age: FixedStep.refreshAge)
  private let vectors: VectorKernels

  init(
    _ problem: ODEProblem, _ tableau: ButcherTableau, _ step: FixedStep, stabilityLimit: Double,
    defaultFraction: Double, threads: Int?, _ name: String, _ restart: Restart?, _ y: StateVector
  ) throws {
    self.name = name
    let time = problem.initialTime
    try validate(threads: threads, name)
    function = RightHandSide(problem.system)
    vectors = VectorKernels(count: y.count, threads: threads)
    stages = Stages(tableau, function, vectors)
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
          "\(name): an automatic step needs a system that estimates its spectral radius, and this one does not; give a step"
        )
      }
      (estimator, product) = (system, fraction * stabilityLimit)
    }
    try function.start(time, y, into: stages.first, name, restart)
    if estimator != nil {
      if let restart {
        try resume(restart, problem)
      } else {
        try refresh(time, y)
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
  private func refresh(_ time: Double, _ y: StateVector) throws {
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

  public var statistics: Statistics {
    var result = counters
    result.nfev = function.nfev
    return result
  }

  public var nextStep: Double { size }
  public var errorHistory: [Double] { estimator == nil ? [] : spectrum.history }

  public func begin() { stages.shift() }
  public func abandon() { stages.shift() }

  public func step(
    from start: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget {
    if spectrum.isStale { try refresh(start, y) }
    let step = StepTarget(from: start, size, limit: limit, balanced: false)
    guard step.h != 0 else {
      throw IntegrationFailure(
        .stepSizeUnderflow,
        "\(name): the step \(size) does not change t = \(start); give a larger one or another integrator")
    }
    guard try stages.attempt(start, y, step, into: next) else {
      counters.rejected += 1
      let bad = next.firstNonFinite ?? 0
      throw IntegrationFailure(
        .nonFinite,
        "\(name): element \(bad) of the state becomes \(next.pointer[bad]) in the step \(step.h) from t = \(start); the step may be beyond the method's stability, or the solution leaves the domain of f"
      )
    }
    try stages.close(step.end, next)
    if estimator != nil {
      let path = vectors.norm(next, minus: y)
      spectrum.accept(step, path: path == 0 ? 0 : path / max(path, vectors.norm(next)))
    }
    counters.accepted += 1
    counters.lastStepSize = step.h
    return step
  }

  public func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) throws { try stages.interpolate(theta, h, 0, y0, y1, into: y) }
}

extension SteppingState where Method == FixedStepMethod {
  convenience init(
    _ problem: ODEProblem, _ tableau: ButcherTableau, _ step: FixedStep, stabilityLimit: Double,
    defaultFraction: Double, threads: Int?, _ name: String, _ restart: Restart?
  ) throws {
    try self.init(problem) { y, _ in
      try FixedStepMethod(
        problem, tableau, step, stabilityLimit: stabilityLimit, defaultFraction: defaultFraction,
        threads: threads, name, restart, y)
    }
  }
}
