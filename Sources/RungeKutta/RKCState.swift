import ODECore

/// An integration by ``RKC``: what evolves.
///
/// ``restart`` holds the next step size and, in `errorHistory`, the error of the last accepted step, what is
/// known of `rho`, first of all its last estimate, the number of steps in a row that stability has held back, and
/// the power method's direction, as many numbers as the state has. A resumed run goes on as if never
/// stopped, to the bit.
public final class RKCState: IntegratorState {
  private let name: String
  private let direction: Double
  private let function: RightHandSide
  private let vectors: VectorKernels
  private let measure: ErrorMeasure
  private let estimator: (any SpectralRadiusEstimating)?
  private let powerMethod: NonlinearPowerMethod?
  private let slowestRate: Double
  private var spectrum = SpectralRadiusMemory(interval: 25)
  private let mostStages: Int
  private let finalTime: Double
  /// Accepted steps in a row as long as ``mostStages`` allow.
  private var heldBack = 0
  private var steps: ErrorControl

  public private(set) var time: Double
  private var last: LastStep
  private var y: StateVector
  /// The state before the last step; in a step, the older stage.
  private var older: StateVector
  /// In a step, the newer stage.
  private var newer: StateVector
  /// `f` at the beginning of the step.
  private var first: StateVector
  /// `f` at its end; in a step, at the newer stage.
  private var end: StateVector
  private let table: UnsafeMutablePointer<UnsafePointer<Double>?>

  /// The number of stages `s` of the last attempt at a step; 0 before the first.
  public private(set) var stageCount = 0

  init(
    _ problem: ODEProblem, _ control: StepControl, _ source: RKC.SpectralRadius, _ name: String,
    _ restart: Restart?
  ) throws {
    try control.validate(name)
    // 2^-53, as in the authors' code.
    let roundoff = Double.ulpOfOne / 2
    guard control.rtol >= 10 * roundoff else {
      throw IntegrationFailure(
        .initialFailure, "\(name): rtol is \(control.rtol), it must be at least \(10 * roundoff)")
    }
    mostStages = max(Int((control.rtol / (10 * roundoff)).squareRoot().rounded()), 2)
    self.name = name
    direction = problem.direction
    finalTime = problem.finalTime
    time = problem.initialTime
    last = LastStep(at: time)
    function = RightHandSide(problem.system)
    y = StateVector(problem.initialState)
    (older, newer) = (StateVector(count: y.count), StateVector(count: y.count))
    (first, end) = (StateVector(count: y.count), StateVector(count: y.count))
    vectors = VectorKernels(count: y.count, threads: control.threads)
    measure = ErrorMeasure(control, vectors)
    estimator = source == .automatic ? problem.system as? any SpectralRadiusEstimating : nil
    powerMethod = estimator == nil ? NonlinearPowerMethod(vectors) : nil
    slowestRate = 1 / min(control.maxStep, abs(problem.finalTime - time))
    table = .allocate(capacity: 4)
    table.initialize(repeating: nil, count: 4)
    func controlled(_ nextStep: Double, memory: Double? = nil) -> ErrorControl {
      ErrorControl(name, control, errorOrder: 3, lastOrder: 2, nextStep: nextStep, memory: memory)
    }
    // Replaced below, when the rest of self may be used.
    steps = controlled(1)

    try function.start(time, y, into: first, name)
    if let restart {
      steps = controlled(try resumedStep(restart, problem, name), memory: restart.errorHistory.first)
      guard resume(restart.errorHistory.dropFirst()) else { throw foreignRestart(name) }
    } else {
      try renewSpectrum()
      steps = controlled(
        try control.initialStep
          ?? InitialStep(
            function: function, problem: problem, control: control, measure: measure,
            vectors: vectors, order: 2, rho: spectrum.rho
          ).size(y, first, work: older, f1: end))
    }
    // The next step begins by taking the last derivative as its first.
    swap(&first, &end)
  }

  deinit { table.deallocate() }

  public var previousTime: Double { last.start }

  public var statistics: Statistics {
    var result = steps.counters
    result.nfev = function.nfev
    return result
  }

  public var restart: Restart {
    Restart(
      stepSize: direction * steps.nextStep,
      errorHistory: [steps.memory] + spectrum.history + [Double(heldBack)] + (powerMethod?.memory ?? []))
  }

  private func resume(_ history: ArraySlice<Double>) -> Bool {
    let direction = history.dropFirst(5)
    guard history.count >= 5, spectrum.resume(history.prefix(4)),
      let count = Int(exactly: history[history.startIndex + 4]), count >= 0
    else { return false }
    heldBack = count
    return powerMethod?.resume(direction) ?? direction.isEmpty
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of \(time)")
    if heldBack >= Self.mostHeldBack { try checkPace() }
    last.forget()
    swap(&first, &end)
    // A failure must leave the derivative at `time` where the next call looks for it.
    var accepted = false
    defer { if !accepted { swap(&first, &end) } }

    var longest = Double.infinity
    let step = try steps.step(from: time, limit: limit) { rejections in
      if spectrum.isStale || rejections > 0 && !spectrum.isFresh { try renewSpectrum() }
      longest = ChebyshevStages.product(for: mostStages) / spectrum.rho
      return longest
    } attempt: {
      try attempt($0)
    }
    (y, older, newer) = (newer, y, older)
    time = step.end
    last.accept(step)
    spectrum.accept(step)
    heldBack = abs(step.h) >= 0.99 * longest ? heldBack + 1 : 0
    accepted = true
  }

  /// So many steps in a row are held back by stability before ``checkPace()`` asks where this leads.
  private static let mostHeldBack = 100
  /// The evaluations that a run may still need: hours of them for the smallest of systems.
  private static let mostEvaluations = 1e10

  /// - Throws: ``/ODECore/IntegrationFailure`` with `tooStiff` if the end is out of reach at the present pace.
  private func checkPace() throws {
    let rest = abs(finalTime - time) / abs(last.h)
    guard rest.isFinite, rest * Double(stageCount) > Self.mostEvaluations else { return }
    throw IntegrationFailure(
      .tooStiff,
      "\(name): at t = \(time) the longest step that rounding lets be stable, \(last.h), has \(stageCount) stages, and \(Float(rest)) of them are left; use a method for stiff problems, such as 'cvode-bdf'"
    )
  }

  private func renewSpectrum() throws {
    if let estimator {
      spectrum.renew(
        try estimator.checkedSpectralRadius(
          time, y, name, advice: "spectralRadius = .powerMethod does without"))
    } else if let powerMethod {
      spectrum.renew(
        try powerMethod.estimate(
          function, time, y, first, smallest: slowestRate, v: newer, fv: end, name))
    }
  }

  /// Tries a step; the result is in `newer`. Returns its error, not finite if anything is not.
  private func attempt(_ step: StepTarget) throws -> Double {
    let h = step.h
    stageCount = ChebyshevStages.count(for: abs(h) * spectrum.rho)
    var stages = ChebyshevStages(count: stageCount)
    older.pointer.update(from: y.pointer, count: y.count)
    var finite = vectors.add(y, stages.first * h, first, into: newer)
    for _ in 2...stageCount {
      guard finite else { return .infinity }
      let stage = stages.next()
      try function.evaluate(time + stage.c * h, newer, into: end)
      finite = vectors.chebyshev(older, newer, y, end, first, stage, h)
      swap(&older, &newer)
    }
    guard finite else { return .infinity }
    try function.evaluate(step.end, newer, into: end)
    return try error(h)
  }

  /// `0.8 (y_n - y_(n+1)) + 0.4 h (F_n + F_(n+1))`; Sommeijer, Shampine, Verwer 1998.
  private func error(_ h: Double) throws -> Double {
    table[0] = UnsafePointer(y.pointer)
    table[1] = UnsafePointer(newer.pointer)
    table[2] = UnsafePointer(first.pointer)
    table[3] = UnsafePointer(end.pointer)
    return try withUnsafeTemporaryAllocation(of: Double.self, capacity: 4) { e in
      (e[0], e[1], e[2], e[3]) = (0.8, -0.8, 0.4 * h, 0.4 * h)
      return try measure(y, newer, end, 1, e.baseAddress!, table, 4, work: older)
    }
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    last.interpolate(at: t, from: older, to: y, into: &result) {
      vectors.hermite($1, older, y, first, end, $0, last.h)
    }
  }
}
