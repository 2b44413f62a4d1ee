import ODECore

/// An integration by an embedded pair.
public typealias EmbeddedState = SteppingState<EmbeddedMethod>

/// The steps of an embedded pair.
///
/// Memory, with the two states of ``SteppingState``: the stages (seven for ``DormandPrince``), and one vector more for the error if
/// the norm is not a built-in one; ten at most.
///
/// ``errorHistory`` holds the controller's memory: the error of
/// the last accepted step; where stability limits the step also what is known of `rho` (its last estimate, the
/// accepted steps since, the sum of `|h| rho` over them, the interval to the next estimate), else what is known of stiffness and
/// jumps. The first stage is recomputed from the
/// state and has the same bits; it costs one evaluation.
public final class EmbeddedMethod: SteppingMethod {
  private let name: String
  private let function: RightHandSide
  private let stages: Stages
  private let vectors: VectorKernels
  private var measure: ErrorMeasure
  private let errorVector: StateVector?
  private let steps: ErrorControl

  /// `nil` where the system knows its spectral radius, which then limits the step.
  private var watch: StabilityWatch?
  /// Likewise: systems that know their radius are flows, whose kinks are no jumps of a state.
  private var jumps: JumpWatch?
  private var noticedJumps = 0

  /// Made when a stability product is first asked for.
  private var stabilityVector: StateVector?
  private var lastSize = 0.0
  private var lastStart = 0.0

  /// What stability limits the step by; `nil` if it does not.
  private let estimator: (any SpectralRadiusEstimating)?
  /// Whether anything does: it is asked at every attempt.
  private let isLimited: Bool
  /// The largest `|h| rho`.
  private let largestProduct: Double
  private var spectrum = SpectralRadiusMemory(
    interval: StepControl.stabilityRefreshIntervals.lowerBound,
    longestInterval: StepControl.stabilityRefreshIntervals.upperBound)

  init(
    _ problem: ODEProblem, _ tableau: ButcherTableau, _ control: StepControl, _ name: String,
    _ restart: Restart?, _ y: StateVector, work: StateVector
  ) throws {
    try control.validate(name, count: y.count)
    guard tableau.estimatesError else {
      throw IntegrationFailure(
        .initialFailure, "\(name): the tableau has no embedded method, so no error estimate")
    }
    self.name = name
    let time = problem.initialTime
    function = RightHandSide(problem.system)
    let system = problem.system as? any SpectralRadiusEstimating
    jumps = system == nil ? JumpWatch(control, errorOrder: tableau.errorOrder) : nil
    let control = jumps?.tolerances ?? control
    vectors = VectorKernels(count: function.count, threads: control.threads)
    stages = Stages(tableau, function, vectors)
    measure = ErrorMeasure(control, vectors)
    errorVector = measure.needsVector ? StateVector(count: y.count) : nil
    estimator = control.limitsStepByStability ? system : nil
    isLimited = estimator != nil
    watch = system == nil ? StabilityWatch(stabilityInterval: tableau.realStabilityInterval) : nil
    largestProduct = StepControl.stabilityFraction * tableau.realStabilityInterval

    func controlled(_ nextStep: Double) -> ErrorControl {
      ErrorControl(
        name, control, errorOrder: tableau.errorOrder,
        lastOrder: tableau.order, nextStep: nextStep)
    }
    // The next step begins by taking the last derivative as its first.
    try function.start(time, y, into: stages.first, name, restart)
    if let restart {
      steps = controlled(try resumedStep(restart, problem, name))
      guard let rest = steps.resume(restart.errorHistory), estimator == nil || spectrum.resume(rest),
        jumps == nil || jumps!.resume(rest.suffix(JumpWatch.memoryCount)),
        watch == nil || watch!.resume(rest.dropLast(JumpWatch.memoryCount))
      else {
        throw foreignRestart(name)
      }
      if let jumps { measure = ErrorMeasure(jumps.tolerances, vectors) }
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
        ).size(y, stages.first, work: work, f1: stages.scratch)
      steps = controlled(first)
    }
    stages.shift()
  }

  public var statistics: Statistics {
    var result = steps.counters
    result.nfev = function.nfev
    return result
  }

  public var evaluations: Int { function.nfev }
  public var remarks: [SolutionRemark] {
    (watch?.remarks ?? [])
      + (jumps?.remarks(jumps: steps.jumps, accepted: steps.counters.accepted) ?? [])
  }
  public var nextStep: Double { steps.nextStep }
  public var errorHistory: [Double] {
    steps.memory + (estimator == nil ? [] : spectrum.history) + (watch?.memory ?? [])
      + (jumps?.memory(jumps: steps.jumps, accepted: steps.counters.accepted) ?? [])
  }

  fileprivate var jumpsSeen: Int { jumps?.total(steps.jumps) ?? 0 }

  /// See ``SteppingState/stabilityProduct()``.
  fileprivate func stabilityProduct() -> Double? {
    guard lastSize != 0 else { return nil }
    let work = stabilityVector ?? StateVector(count: function.count)
    stabilityVector = work
    return stages.stabilityProduct(lastSize, work: work)
  }

  public func begin() {
    lastSize = 0
    stages.shift()
  }
  public func abandon() { stages.shift() }

  public func step(
    from t: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget {
    let stable = try largestStableStep(t, y)
    let other = next
    let step = try steps.step(from: t, limit: limit) { _ in
      stable
    } attempt: {
      try attempt(t, y, $0, into: other)
    }
    if isLimited { spectrum.accept(step) }
    (lastStart, lastSize) = (t, step.h)
    // Rarely: a step without a jump costs nothing.
    if steps.jumps > noticedJumps {
      noticedJumps = steps.jumps
      if jumps?.accept(step.end, jumps: steps.jumps, accepted: steps.counters.accepted) == true {
        measure = ErrorMeasure(jumps!.tolerances, vectors)
      }
    }
    if watch?.isDue() == true, let product = stabilityProduct() { watch!.accept(product: product) }
    return step
  }

  private static let withoutLimit = "limitsStepByStability = false does without"

  private func largestStableStep(_ t: Double, _ y: StateVector) throws -> Double {
    guard isLimited, let estimator else { return .infinity }
    if spectrum.isStale {
      spectrum.renew(try estimator.checkedSpectralRadius(t, y, name, advice: Self.withoutLimit))
    }
    return largestProduct / spectrum.rho
  }

  /// Tries a step. Returns its error, not finite if anything is not.
  private func attempt(
    _ t: Double, _ y: StateVector, _ step: StepTarget, into other: StateVector
  ) throws -> Double {
    guard try stages.attempt(t, y, step, into: other) else { return .infinity }
    try stages.close(step.end, other)
    let (measure, end) = (measure, stages.lastAddress)
    func error(_ terms: StageTerms) throws -> Double {
      try measure(
        y.pointer, other.pointer, end, step.h, terms.coefficients, stages.table(of: terms), terms.count,
        work: errorVector)
    }
    let fifth = try error(stages.errorTerms)
    guard let correction = stages.correctionTerms, fifth > 0, fifth.isFinite else { return fifth }
    let third = try error(correction)
    // |e5|^2 / sqrt(...) without squares that overflow.
    return fifth / (1 + 0.01 * (third / fifth) * (third / fifth)).squareRoot()
  }

  public func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) throws { try stages.interpolate(theta, h, lastStart, y0, y1, into: y) }
}

extension SteppingState where Method == EmbeddedMethod {
  convenience init(
    _ problem: ODEProblem, tableau: ButcherTableau, _ control: StepControl, _ name: String,
    _ restart: Restart?
  ) throws {
    try self.init(problem) { try EmbeddedMethod(problem, tableau, control, name, restart, $0, work: $1) }
  }

  /// An estimate of `|h| rho(J)` on the last accepted step, from the two stages at its end; `nil` before the first step
  /// and for a tableau without two such stages (that of ``DormandPrince`` has them).
  ///
  /// On a stiff problem error control brings it to the end of the pair's interval of stability, 3.3 for Dormand-Prince, and keeps it
  /// there. No evaluation of `f`; two passes over the stages. Source: Hairer, Wanner, *Solving ODEs II*, IV.2, "Stiffness Detection"
  /// (Shampine's idea), as in their code DOPRI5.
  public func stabilityProduct() -> Double? { method.stabilityProduct() }

  /// Accepted steps with attempts whose errors showed that `f` jumps in them (`JumpWatch`); 0 for a system that knows its spectral radius.
  public var jumps: Int { method.jumpsSeen }
}
