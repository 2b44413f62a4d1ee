import ODECore

/// An integration by an embedded pair: what evolves.
///
/// Memory: two states, the stages (seven for ``DormandPrince``), and one vector more for the error if
/// the norm is not a built-in one; ten at most.
///
/// ``restart`` holds the next step size and, in `errorHistory`, the controller's memory: the error of
/// the last accepted step; where stability limits the step also what is known of `rho` (its last estimate, the
/// accepted steps since, the sum of `|h| rho` over them, the interval to the next estimate). The first stage is recomputed from the state and has the same
/// bits, so a resumed run goes on as if never stopped; it costs one evaluation.
public final class EmbeddedState: IntegratorState {
  private let name: String
  private let direction: Double
  private let function: RightHandSide
  private let stages: Stages
  private let measure: ErrorMeasure
  private let errorVector: StateVector?
  private var y: StateVector
  /// The state before the last step; the next one is built in it.
  private var other: StateVector
  public private(set) var time: Double
  private var last: LastStep
  private var steps: ErrorControl

  /// Made when ``stabilityProduct()`` is first asked.
  private var stabilityVector: StateVector?

  /// What stability limits the step by; `nil` if it does not.
  private let estimator: (any SpectralRadiusEstimating)?
  /// The largest `|h| rho`.
  private let largestProduct: Double
  private var spectrum = SpectralRadiusMemory(
    interval: StepControl.stabilityRefreshIntervals.lowerBound,
    longestInterval: StepControl.stabilityRefreshIntervals.upperBound)

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
    direction = problem.direction
    time = problem.initialTime
    last = LastStep(at: time)
    function = RightHandSide(problem.system)
    let vectors = VectorKernels(count: function.count, threads: control.threads)
    stages = Stages(tableau, function, vectors)
    y = StateVector(problem.initialState)
    other = StateVector(count: y.count)
    measure = ErrorMeasure(control, vectors)
    errorVector = measure.needsVector ? StateVector(count: y.count) : nil
    let system = problem.system as? any SpectralRadiusEstimating
    estimator = control.limitsStepByStability ? system : nil
    largestProduct = StepControl.stabilityFraction * tableau.realStabilityInterval

    func controlled(_ nextStep: Double, memory: Double? = nil) -> ErrorControl {
      ErrorControl(
        name, control, errorOrder: min(tableau.order, tableau.embeddedOrder) + 1,
        lastOrder: tableau.order, nextStep: nextStep, memory: memory)
    }
    // The next step begins by taking the last derivative as its first.
    try function.start(time, y, into: stages.first, name)
    if let restart {
      steps = controlled(try resumedStep(restart, problem, name), memory: restart.errorHistory.first)
      if estimator != nil {
        guard spectrum.resume(restart.errorHistory.dropFirst()) else { throw foreignRestart(name) }
      }
    } else {
      var rho: Double?
      if let estimator {
        let estimate = try estimator.checkedSpectralRadius(time, y, name, advice: Self.withoutLimit)
        spectrum.renew(estimate)
        rho = estimate
      } else if let system, control.initialStep == nil {
        rho = try y.withSpan { try system.spectralRadius(problem.initialTime, $0) }
      }
      let first =
        try control.initialStep
        ?? InitialStep(
          function: function, problem: problem, control: control, measure: measure,
          vectors: vectors, order: tableau.order, rho: rho
        ).size(y, stages.first, work: other, f1: stages.scratch)
      steps = controlled(first)
    }
    stages.shift()
  }

  public var previousTime: Double { last.start }

  public var statistics: Statistics {
    var result = steps.counters
    result.nfev = function.nfev
    return result
  }

  public var restart: Restart {
    Restart(
      stepSize: direction * steps.nextStep,
      errorHistory: [steps.memory] + (estimator == nil ? [] : spectrum.history))
  }

  /// An estimate of `|h| rho(J)` on the last accepted step, from the two stages at its end; `nil` before the first step
  /// and for a tableau without two such stages (that of ``DormandPrince`` has them).
  ///
  /// On a stiff problem error control brings it to the end of the pair's interval of stability, 3.3 for Dormand-Prince, and keeps it
  /// there. No evaluation of `f`; two passes over the stages. Source: Hairer, Wanner, *Solving ODEs II*, IV.2, "Stiffness Detection"
  /// (Shampine's idea), as in their code DOPRI5.
  public func stabilityProduct() -> Double? {
    guard last.start != last.end else { return nil }
    let work = stabilityVector ?? StateVector(count: y.count)
    stabilityVector = work
    return stages.stabilityProduct(last.h, work: work)
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of \(time)")
    // Until a step is accepted there is nothing to interpolate: the old stages go now.
    last.forget()
    stages.shift()
    // A failure must leave the derivative at `time` where the next call looks for it.
    var accepted = false
    defer { if !accepted { stages.shift() } }

    let stable = try largestStableStep()
    let step = try steps.step(from: time, limit: limit) { _ in
      stable
    } attempt: {
      try attempt($0)
    }
    (y, other) = (other, y)
    time = step.end
    last.accept(step)
    spectrum.accept(step)
    accepted = true
  }

  private static let withoutLimit = "limitsStepByStability = false does without"

  private func largestStableStep() throws -> Double {
    guard let estimator else { return .infinity }
    if spectrum.isStale {
      spectrum.renew(
        try estimator.checkedSpectralRadius(time, y, name, advice: Self.withoutLimit))
    }
    return largestProduct / spectrum.rho
  }

  /// Tries a step; the result is in `other`. Returns its error, not finite if anything is not.
  private func attempt(_ step: StepTarget) throws -> Double {
    guard try stages.attempt(time, y, step, into: other) else { return .infinity }
    try stages.close(step.end, other)
    return try stages.withErrorTerms { e, k, count in
      try measure(y, other, stages.last, step.h, e, k, count, work: errorVector)
    }
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    last.interpolate(at: t, from: other, to: y, into: &result) {
      stages.interpolate($0, last.h, other, y, into: $1)
    }
  }
}
