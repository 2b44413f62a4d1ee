import ODECore
import RungeKutta

/// An integration by an ``ExponentialRungeKutta`` method: what evolves.
///
/// ``restart`` holds the next step size and, in `errorHistory`, the error of the last accepted step and for flows the state of the
/// start, which errors are measured against.
public final class ExponentialRungeKuttaState: IntegratorState {
  private let name: String
  private let method: ExponentialMethod
  private let function: RightHandSide
  private let linear: any LinearPart
  private let measure: ExponentialErrorMeasure
  private let direction: Double
  private var y: StateVector
  /// The state before the last step; the next one is built in it.
  private var other: StateVector
  /// `f` at the beginning of the step, and at its end.
  private var first: StateVector
  private var end: StateVector
  /// `f_t`, for Rosenbrock methods.
  private let slope: StateVector
  private let remainders: [StateVector]
  /// `v_0, ..., v_p`, of a stage; and of the step itself, for dense output.
  private let rows: StateVector
  private let polynomial: StateVector
  private let stage: StateVector
  private let work: StateVector
  private var isPrepared = false
  public private(set) var time: Double
  private var last: LastStep
  private var steps: ErrorControl

  init(_ problem: ODEProblem, _ integrator: ExponentialRungeKutta, _ restart: Restart?) throws {
    let control = integrator.control
    (name, method) = (integrator.name, integrator.method)
    try control.validate(name)
    function = RightHandSide(problem.system)
    direction = problem.direction
    let count = function.count
    if integrator.usesProvidedPart(problem), let system = problem.system as? any PhiFunctionProviding {
      linear = ProvidedLinearPart(system)
    } else {
      linear = KrylovLinearPart(function, tolerance: min(1e-2 * control.rtol, 1e-4))
    }
    func vector() -> StateVector { StateVector(count: count) }
    y = StateVector(problem.initialState)
    (other, first, end, slope, stage, work) = (vector(), vector(), vector(), vector(), vector(), vector())
    remainders = (0..<(method.stages.count + (method.usesEnd ? 1 : 0))).map { _ in vector() }
    rows = StateVector(count: (method.highest + 1) * count)
    polynomial = StateVector(count: (method.highest + 1) * count)
    time = problem.initialTime
    last = LastStep(at: time)
    try function.start(time, y, into: first, name, restart)

    var reference = problem.initialState
    func controlled(_ nextStep: Double) -> ErrorControl {
      ErrorControl(
        integrator.name, control, errorOrder: integrator.method.errorOrder,
        lastOrder: integrator.method.order,
        nextStep: nextStep)
    }
    let isFlow = problem.system is any ResidualDriven
    if let restart {
      steps = controlled(try resumedStep(restart, problem, name))
      guard let rest = steps.resume(restart.errorHistory), rest.count == (isFlow ? count : 0) else {
        throw foreignRestart(name)
      }
      if isFlow { reference = Array(rest) }
    } else {
      steps = controlled(1)
    }
    measure = ExponentialErrorMeasure(problem.system, control, reference)
    if restart == nil {
      steps = controlled(try control.initialStep ?? firstStep(problem, control))
    }
  }

  /// A hundredth of the time in which `f` would change the state by itself, or a tenth of the shortest time scale where the
  /// system knows it; the controller does the rest.
  private func firstStep(_ problem: ODEProblem, _ control: StepControl) throws -> Double {
    let bound = min(control.maxStep, abs(problem.finalTime - time))
    if let system = problem.system as? any SpectralRadiusEstimating {
      let rho = try y.withSpan { try system.spectralRadius(time, $0) }
      if rho > 0, rho.isFinite { return min(bound, 0.1 / rho) }
    }
    let ratio = 0.01 * Vectors.norm(y) / Vectors.norm(first)
    let guess = ratio > 1e-10 && ratio.isFinite ? ratio : 1e-6
    return max(min(bound, guess), StepTarget.smallest(at: time))
  }

  public var previousTime: Double { last.start }

  public var statistics: Statistics {
    var result = steps.counters
    result.nfev = function.nfev
    result.njev = linear.counters.njev
    result.njtimes = linear.counters.njtimes
    result.nli = linear.counters.nli
    result.nsetups = linear.counters.nsetups
    return result
  }

  public var restart: Restart {
    Restart(stepSize: direction * steps.nextStep, errorHistory: steps.memory + measure.history)
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition((limit - time) * direction > 0, "the limit \(limit) does not lie ahead of \(time)")
    // Until a step is accepted there is nothing to interpolate: L moves on now.
    last.forget()
    if !isPrepared {
      try linear.prepare(time, y, first)
      if method.isRosenbrock { try differentiateByTime(limit) }
      isPrepared = true
    }
    let step = try steps.step(from: time, limit: limit) { _ in
      .infinity
    } attempt: {
      try attempt($0)
    }
    (y, other) = (other, y)
    (first, end) = (end, first)
    time = step.end
    last.accept(step)
    isPrepared = false
  }

  /// `f_t` by a one-sided difference towards the end of the step.
  private func differentiateByTime(_ limit: Double) throws {
    let size = max(abs(time), min(steps.nextStep, abs(limit - time)))
    let delta = direction * min(Double.ulpOfOne.squareRoot() * size, abs(limit - time))
    try function.evaluate(time + delta, y, into: slope)
    let inverse = 1 / ((time + delta) - time)
    for i in 0..<slope.count { slope.pointer[i] = (slope.pointer[i] - first.pointer[i]) * inverse }
    if slope.firstNonFinite != nil { slope.pointer.update(repeating: 0, count: slope.count) }
  }

  /// Tries a step; the result is in `other`, `f` there in `end`. Returns its error, not finite if anything is not.
  private func attempt(_ step: StepTarget) throws -> Double {
    let h = step.h
    for (index, stage) in method.stages.enumerated() {
      guard try combine(stage.terms, h: h, c: stage.c, into: rows, self.stage) else { return .infinity }
      try function.evaluate(stage.c == 1 ? step.end : time + stage.c * h, self.stage, into: remainders[index])
      try subtractLinear(remainders[index], self.stage, stage.c * h)
      guard remainders[index].firstNonFinite == nil else { return .infinity }
    }
    guard try combine(method.weights, h: h, c: 1, into: polynomial, other) else { return .infinity }
    if method.usesEnd {
      try evaluateEnd(step)
      remainders[method.stages.count].pointer.update(from: end.pointer, count: end.count)
      try subtractLinear(remainders[method.stages.count], other, h)
    }
    clear(rows)
    fill(method.errors, scale: h, into: rows)
    guard try linear.applyPhi(h: h, rows, highest: method.highest, into: work) else { return .infinity }
    let error = try measure(work, from: y, to: other)
    guard error <= 1 else { return error.isNaN ? .infinity : error }
    if !method.usesEnd { try evaluateEnd(step) }
    return end.firstNonFinite == nil ? error : .infinity
  }

  private func evaluateEnd(_ step: StepTarget) throws { try function.evaluate(step.end, other, into: end) }

  /// `result = y + sum_k phi_k(c h L) rows_k`; returns whether it is finite.
  private func combine(
    _ terms: [ExponentialMethod.Term], h: Double, c: Double, into rows: StateVector, _ result: StateVector
  ) throws -> Bool {
    clear(rows)
    let count = y.count
    for i in 0..<count { rows.pointer[count + i] = c * h * first.pointer[i] }
    fill(terms, scale: c * h, into: rows)
    if method.isRosenbrock {
      let factor = c * h * c * h
      for i in 0..<count { rows.pointer[2 * count + i] += factor * slope.pointer[i] }
    }
    guard try linear.applyPhi(h: c * h, rows, highest: method.highest, into: result) else { return false }
    for i in 0..<count { result.pointer[i] += y.pointer[i] }
    return result.firstNonFinite == nil
  }

  private func clear(_ rows: StateVector) { rows.pointer.update(repeating: 0, count: rows.count) }

  private func fill(_ terms: [ExponentialMethod.Term], scale: Double, into rows: StateVector) {
    for term in terms {
      let row = rows.pointer + term.k * y.count
      for (j, c) in term.coefficients.enumerated() where c != 0 {
        let (n, factor) = (remainders[j].pointer, scale * c)
        for i in 0..<y.count { row[i] += factor * n[i] }
      }
    }
  }

  /// `N = f - F - L (U - y) - elapsed f_t`, with `f` in `remainder`.
  private func subtractLinear(_ remainder: StateVector, _ u: StateVector, _ elapsed: Double) throws {
    let difference = rows.pointer
    for i in 0..<y.count { difference[i] = u.pointer[i] - y.pointer[i] }
    stage.pointer.update(from: difference, count: y.count)
    try linear.apply(stage, into: work)
    let time = method.isRosenbrock ? elapsed : 0
    for i in 0..<y.count {
      remainder.pointer[i] -= first.pointer[i] + work.pointer[i] + time * slope.pointer[i]
    }
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    var failure: (any Error)?
    last.interpolate(at: t, from: other, to: y, into: &result) { theta, target in
      let count = y.count
      var power = 1.0
      for k in 0...method.highest {
        for i in (k * count)..<((k + 1) * count) { rows.pointer[i] = power * polynomial.pointer[i] }
        power *= theta
      }
      do {
        if try !linear.applyPhi(h: theta * last.h, rows, highest: method.highest, into: work) {
          failure = IntegrationFailure(
            .convergenceFailure, "\(name): the phi functions of dense output did not converge at t = \(t)")
        }
      } catch {
        failure = error
      }
      for i in 0..<count { target[i] = other.pointer[i] + work.pointer[i] }
    }
    if let failure { throw failure }
  }
}
