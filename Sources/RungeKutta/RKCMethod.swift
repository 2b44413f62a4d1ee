import ODECore
import UntrustedNumbers

/// An integration by ``RKC``.
public typealias RKCState = SteppingState<RKCMethod>

/// The steps of ``RKC``.
///
/// ``errorHistory`` holds the error of the last accepted step, what is
/// known of `rho`, first of all its last estimate, the number of steps in a row that stability has held back, and
/// the power method's direction, as many numbers as the state has.
public final class RKCMethod: SteppingMethod {
  private let name: String
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

  /// In a step, the older stage.
  private var older: StateVector
  /// In a step, the newer stage, and the state at its end.
  private var newer: StateVector
  /// `f` at the beginning of the step.
  private var first: StateVector
  /// `f` at its end; in a step, at the newer stage.
  private var end: StateVector
  private let table: UnsafeMutablePointer<UnsafePointer<Double>?>

  fileprivate(set) var stageCount = 0

  init(
    _ problem: ODEProblem, _ control: StepControl, _ source: RKC.SpectralRadius, _ name: String,
    _ restart: Restart?, _ y: StateVector, work: StateVector
  ) throws {
    try control.validate(name, count: y.count)
    // 2^-53, as in the authors' code.
    let roundoff = Double.ulpOfOne / 2
    guard control.rtol >= 10 * roundoff else {
      throw IntegrationFailure(
        .initialFailure, "\(name): rtol is \(control.rtol), it must be at least \(10 * roundoff)")
    }
    mostStages = max(Int(saturating: min((control.rtol / (10 * roundoff)).squareRoot().rounded(), 1e9)), 2)
    self.name = name
    finalTime = problem.finalTime
    let time = problem.initialTime
    function = RightHandSide(problem.system)
    (older, newer) = (StateVector(count: y.count), work)
    (first, end) = (StateVector(count: y.count), StateVector(count: y.count))
    vectors = VectorKernels(count: y.count, threads: control.threads)
    measure = ErrorMeasure(control, vectors)
    estimator = source == .automatic ? problem.system as? any SpectralRadiusEstimating : nil
    powerMethod = estimator == nil ? NonlinearPowerMethod(vectors) : nil
    slowestRate = 1 / min(control.maxStep, abs(problem.finalTime - time))
    table = .allocate(capacity: 4)
    table.initialize(repeating: nil, count: 4)
    func controlled(_ nextStep: Double) -> ErrorControl {
      ErrorControl(name, control, errorOrder: 3, lastOrder: 2, nextStep: nextStep)
    }
    // Replaced below, when the rest of self may be used.
    steps = controlled(1)

    try function.start(time, y, into: first, name, restart)
    if let restart {
      steps = controlled(try resumedStep(restart, problem, name))
      guard let rest = steps.resume(restart.errorHistory), resume(rest) else { throw foreignRestart(name) }
    } else {
      try renewSpectrum(time, y)
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

  public var statistics: Statistics {
    var result = steps.counters
    result.nfev = function.nfev
    return result
  }

  public var nextStep: Double { steps.nextStep }
  public var errorHistory: [Double] {
    steps.memory + spectrum.history + [Double(heldBack)] + (powerMethod?.memory ?? [])
  }

  private func resume(_ history: ArraySlice<Double>) -> Bool {
    let direction = history.dropFirst(5)
    guard history.count >= 5, spectrum.resume(history.prefix(4)),
      let count = Int(exactly: history[history.startIndex + 4]), count >= 0
    else { return false }
    heldBack = count
    return powerMethod?.resume(direction) ?? direction.isEmpty
  }

  public func begin() { swap(&first, &end) }
  public func abandon() { swap(&first, &end) }

  public func step(
    from t: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget {
    if heldBack >= Self.mostHeldBack { try checkPace(t) }
    newer = next
    defer { next = newer }
    var longest = Double.infinity
    let step = try steps.step(from: t, limit: limit) { rejections in
      if spectrum.isStale || rejections > 0 && !spectrum.isFresh { try renewSpectrum(t, y) }
      longest = ChebyshevStages.product(for: mostStages) / spectrum.rho
      return longest
    } attempt: {
      try attempt(t, y, $0)
    }
    spectrum.accept(step)
    heldBack = abs(step.h) >= 0.99 * longest ? heldBack + 1 : 0
    return step
  }

  /// So many steps in a row are held back by stability before ``checkPace()`` asks where this leads.
  private static let mostHeldBack = 100
  /// The evaluations that a run may still need: hours of them for the smallest of systems.
  private static let mostEvaluations = 1e10

  /// - Throws: ``/ODECore/IntegrationFailure`` with `tooStiff` if the end is out of reach at the present pace.
  private func checkPace(_ time: Double) throws {
    let size = steps.counters.lastStepSize
    let rest = abs(finalTime - time) / abs(size)
    guard rest.isFinite, rest * Double(stageCount) > Self.mostEvaluations else { return }
    throw IntegrationFailure(
      .tooStiff,
      "\(name): at t = \(time) the longest step that rounding lets be stable, \(size), has \(stageCount) stages, and \(Float(rest)) of them are left; use a method for stiff problems, such as 'cvode-bdf'"
    )
  }

  private func renewSpectrum(_ time: Double, _ y: StateVector) throws {
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
  private func attempt(_ time: Double, _ y: StateVector, _ step: StepTarget) throws -> Double {
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
    return try error(h, y)
  }

  /// `0.8 (y_n - y_(n+1)) + 0.4 h (F_n + F_(n+1))`; Sommeijer, Shampine, Verwer 1998.
  private func error(_ h: Double, _ y: StateVector) throws -> Double {
    table[0] = UnsafePointer(y.pointer)
    table[1] = UnsafePointer(newer.pointer)
    table[2] = UnsafePointer(first.pointer)
    table[3] = UnsafePointer(end.pointer)
    return try withUnsafeTemporaryAllocation(of: Double.self, capacity: 4) { e in
      (e[0], e[1], e[2], e[3]) = (0.8, -0.8, 0.4 * h, 0.4 * h)
      return try measure(y.pointer, newer.pointer, end.pointer, 1, e.baseAddress!, table, 4, work: older)
    }
  }

  public func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) { vectors.hermite(y, y0, y1, first, end, theta, h) }
}

extension SteppingState where Method == RKCMethod {
  convenience init(
    _ problem: ODEProblem, _ control: StepControl, _ source: RKC.SpectralRadius, _ name: String,
    _ restart: Restart?
  ) throws {
    try self.init(problem) { try RKCMethod(problem, control, source, name, restart, $0, work: $1) }
  }

  /// The number of stages `s` of the last attempt at a step; 0 before the first.
  public var stageCount: Int { method.stageCount }
}
