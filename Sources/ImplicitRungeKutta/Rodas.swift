import ODECore
import RungeKutta

/// The Rosenbrock method RODAS of orders 4(3): six stages with one matrix, no iteration, L-stable and stiffly accurate. For stiff problems at
/// loose tolerances, 1e-2 to 1e-5, where it is cheaper than ``Radau``.
///
///     (1/(h gamma) I - J) u_i = f(t + alpha_i h, y + sum_j a_ij u_j) + sum_j (c_ij / h) u_j + gamma_i h f_t,   y_1 = y + sum_j m_j u_j
///
/// Each step evaluates the Jacobian `J` at its beginning (which the order rests on: with a kink in `f` nearby it is lost) and `f_t` by a
/// difference. The shift is real, so that a system that is ``/ODECore/NewtonSystemSolving`` with exact solutions solves by its own
/// structure; else matrices are as in ``Radau``. Dense output of order 3.
///
/// Source: Hairer, Wanner, *Solving ODEs II*, 2nd ed., IV.7 and IV.10, and their code RODAS.
public struct Rodas: Integrator {
  public var name: String { "rodas" }
  /// Tolerances, norm, controller and step limits.
  public var control: StepControl

  /// The control of the steps; an integral controller unless given.
  public init(_ control: StepControl = StepControl(controller: PIController(beta: 0))) {
    self.control = control
  }

  /// - Parameters: see `StepControl`.
  public init(
    rtol: Double = StepControl.defaultRtol, atol: Double = StepControl.defaultAtol,
    norm: any ErrorNorm = WRMSNorm(), controller: any StepController = PIController(maxFactor: 6, beta: 0),
    initialStep: Double? = nil, maxStep: Double = .infinity, atols: [Double]? = nil
  ) {
    control = StepControl(
      rtol: rtol, atol: atol, norm: norm, controller: controller, initialStep: initialStep, maxStep: maxStep)
    control.atols = atols
  }

  public func refusal(of problem: ODEProblem) -> String? {
    RodasMethod.solvesByStructure(problem.system) ? nil : implicitRefusal(of: problem.system)
  }

  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> SteppingState<RodasMethod> {
    try SteppingState(problem) { try RodasMethod(problem, control, name, restart, $0, work: $1) }
  }
}

/// The steps of ``Rodas``.
public final class RodasMethod: SteppingMethod {
  private typealias C = RodasCoefficients

  private let name: String
  private let function: RightHandSide
  private let vectors: VectorKernels
  private let measure: ErrorMeasure
  private let floor: Double
  private let structure: (any NewtonSystemSolving)?
  private let matrix: IterationMatrix?
  private var steps: ErrorControl
  private var (setups, preparations) = (0, 0)

  /// `f` at the state, and at the end of the step tried.
  private var f: StateVector
  private var fNew: StateVector
  private var hasJacobian = false
  private let timeSlope: StateVector
  private let u: [StateVector]
  private let argument: StateVector
  private let right: StateVector
  private let table: UnsafeMutablePointer<UnsafePointer<Double>?>

  static func solvesByStructure(_ system: any ODESystem) -> Bool {
    (system as? any NewtonSystemSolving)?.newtonSolution == .exact
  }

  init(
    _ problem: ODEProblem, _ control: StepControl, _ name: String, _ restart: Restart?, _ y: StateVector,
    work: StateVector
  ) throws {
    try control.validate(name, count: y.count)
    self.name = name
    structure = Self.solvesByStructure(problem.system) ? problem.system as? any NewtonSystemSolving : nil
    if structure == nil, let reason = implicitRefusal(of: problem.system) {
      throw IntegrationFailure(.initialFailure, "\(name): \(reason)")
    }
    function = RightHandSide(problem.system)
    vectors = VectorKernels(count: y.count, threads: control.threads)
    measure = ErrorMeasure(control, vectors)
    matrix = structure == nil ? try IterationMatrix(problem.system, hasComplexShift: false) : nil
    floor = 1e-6 * control.atol
    func vector() -> StateVector { StateVector(count: y.count) }
    (f, fNew, timeSlope, argument, right) = (vector(), vector(), vector(), vector(), vector())
    u = (0..<6).map { _ in vector() }
    table = .allocate(capacity: 6)
    table.initialize(repeating: nil, count: 6)
    func controlled(_ nextStep: Double) -> ErrorControl {
      ErrorControl(name, control, errorOrder: 4, lastOrder: 4, nextStep: nextStep)
    }
    steps = controlled(1)
    try function.start(problem.initialTime, y, into: f, name, restart)
    if let restart {
      steps = controlled(try resumedStep(restart, problem, name))
      guard steps.resume(restart.errorHistory) != nil else { throw foreignRestart(name) }
    } else {
      steps = controlled(
        try control.initialStep
          ?? InitialStep(
            function: function, problem: problem, control: control, measure: measure, vectors: vectors,
            order: 4,
            rho: nil
          ).size(y, f, work: work, f1: fNew))
    }
  }

  deinit { table.deallocate() }

  public var statistics: Statistics {
    var result = steps.counters
    result.nfev = function.nfev
    result.njev = matrix?.evaluations ?? preparations
    result.nsetups = setups
    return result
  }
  public var nextStep: Double { steps.nextStep }
  public var errorHistory: [Double] { steps.memory }
  public var choice: String? {
    "rodas: \(matrix?.words ?? "Newton's systems solved by the system's own structure")"
  }
  public func begin() {}
  public func abandon() {}

  public func step(
    from t: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget {
    hasJacobian = false
    try setTimeSlope(t, y, limit)
    let target = next
    let step = try steps.step(from: t, limit: limit) { _ in
      .infinity
    } attempt: {
      try attempt(t, y, $0, into: target)
    }
    swap(&f, &fNew)
    return step
  }

  /// `f_t` by a difference towards `limit`.
  private func setTimeSlope(_ t: Double, _ y: StateVector, _ limit: Double) throws {
    let size = min((Double.ulpOfOne * max(1e-5, abs(t))).squareRoot(), 0.5 * abs(limit - t))
    let delta = (t + (limit > t ? size : -size)) - t
    guard delta != 0 else { return timeSlope.pointer.update(repeating: 0, count: y.count) }
    try function.evaluate(t + delta, y, into: right)
    for k in 0..<y.count { timeSlope.pointer[k] = (right.pointer[k] - f.pointer[k]) / delta }
  }

  /// Sets up `1/(h gamma) I - J`; whether it is regular.
  private func prepare(_ t: Double, _ y: StateVector, _ h: Double) throws -> Bool {
    setups += 1
    if let structure {
      preparations += 1
      do {
        try y.withSpan { try structure.prepareNewton(t, $0, gamma: h * C.gamma) }
        return true
      } catch is SingularNewtonSystem { return false }
    }
    if !hasJacobian {
      guard
        try matrix!.evaluate(t, y, f, h: h, floor: floor, { try function.evaluate($0, $1, into: $2) })
      else {
        throw IntegrationFailure(
          .nonFinite, "\(name): the Jacobian at t = \(t) is not finite; f may not be defined close by")
      }
      if let jump = matrix!.jump { throw jumpFailure(name, t, jump) }
      hasJacobian = true
    }
    return matrix!.factor(1 / (h * C.gamma))
  }

  /// `u_i` from ``right``.
  private func solve(_ i: Int, _ h: Double) throws -> Bool {
    if let structure {
      do {
        try right.withSpan { r in try u[i].withMutableSpan { try structure.solveNewton(r, into: &$0) } }
      } catch is SingularNewtonSystem { return false }
      let scale = h * C.gamma
      for k in 0..<right.count { u[i].pointer[k] *= scale }
    } else {
      u[i].pointer.update(from: right.pointer, count: right.count)
      matrix!.solve(u[i].pointer)
    }
    return vectors.isFinite(u[i])
  }

  /// `out = y + sum_j coefficients_j u_j`.
  private func combine(
    _ out: StateVector, _ y: StateVector, _ coefficients: [Double], _ scale: Double = 1
  ) -> Bool {
    for j in coefficients.indices { table[j] = UnsafePointer(u[j].pointer) }
    return coefficients.withUnsafeBufferPointer {
      vectors.combine(out.pointer, y.pointer, scale, $0.baseAddress!, table, $0.count)
    }
  }

  private func attempt(_ t: Double, _ y: StateVector, _ step: StepTarget, into next: StateVector) throws
    -> Double
  {
    let h = step.h
    guard try prepare(t, y, h), vectors.isFinite(timeSlope) else { return .infinity }
    _ = vectors.add(f, h * C.d[0], timeSlope, into: right)
    guard try solve(0, h) else { return .infinity }
    for i in 1..<6 {
      let end = i >= 4
      guard combine(argument, y, C.a[i]) else { return .infinity }
      try function.evaluate(end ? step.end : t + C.alpha[i] * h, argument, into: fNew)
      guard vectors.isFinite(fNew) else { return .infinity }
      _ = combine(right, fNew, C.c[i], 1 / h)
      if !end { _ = vectors.add(right, h * C.d[i], timeSlope, into: right) }
      guard try solve(i, h) else { return .infinity }
    }
    guard vectors.add(argument, 1, u[5], into: next) else { return .infinity }
    let error = try measure.norm(u[5], y, next)
    guard error <= 1 else { return error }
    try function.evaluate(step.end, next, into: fNew)
    return vectors.isFinite(fNew) ? error : .infinity
  }

  public func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) {
    let s = 1 - theta
    for k in 0..<y0.count {
      var (c2, c3) = (0.0, 0.0)
      for j in 0..<5 {
        c2 += C.dense[0][j] * u[j].pointer[k]
        c3 += C.dense[1][j] * u[j].pointer[k]
      }
      y[k] = y0.pointer[k] * s + theta * (y1.pointer[k] + s * (c2 + theta * c3))
    }
  }
}

/// The coefficients of RODAS, in the form without matrix-vector products. Source: Hairer, Wanner, *Solving ODEs II*, IV.10, and their code.
enum RodasCoefficients {
  static let gamma = 0.25
  static let alpha = [0, 0.386, 0.21, 0.63, 1, 1]
  /// The last stages add the one before as it is.
  static let a: [[Double]] = [
    [], [1.544], [0.9466785280815826, 0.2557011698983284],
    [3.314825187068521, 2.896124015972201, 0.9986419139977817],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950],
    [1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1],
  ]
  static let c: [[Double]] = [
    [], [-5.6688], [-2.430093356833875, -0.2063599157091915],
    [-0.1073529058151375, -9.594562251023355, -20.47028614809616],
    [7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160],
    [8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054],
  ]
  static let d = [0.25, -0.1043, 0.1035, -0.0362]
  static let dense: [[Double]] = [
    [10.12623508344586, -7.487995877610167, -34.80091861555747, -7.992771707568823, 1.025137723295662],
    [-0.6762803392801253, 6.087714651680015, 16.43084320892478, 24.76722511418386, -6.594389125716872],
  ]
}
