import Foundation
import ODECore
import RungeKutta

/// The steps of ``Radau``.
public final class RadauMethod: SteppingMethod {
  private typealias C = RadauCoefficients

  private let name: String
  private let control: StepControl
  private let function: RightHandSide
  private let vectors: VectorKernels
  private let measure: ErrorMeasure
  private let matrix: IterationMatrix
  private let n: Int
  private var counters = Statistics()

  public private(set) var nextStep: Double
  /// What Newton's iteration may leave, in units of the tolerance.
  private let newtonTolerance: Double
  /// The step that the factors are for; 0 if there are none.
  private var factoredStep = 0.0
  /// Whether the Jacobian is that at the state.
  private var isJacobianFresh = false
  private var needsJacobian = true
  /// Where the integration began, and where the Jacobian was last evaluated.
  private var start: Double
  private var jacobianTime: Double
  /// What the Jacobian was evaluated with: the state, the step, and what differences knew before.
  private let jacobianState: StateVector
  private var jacobianStep = 0.0
  private var jacobianMemory: [Double] = []
  /// The size and error of the last accepted step, for the controller; the size is 0 before the first.
  private var last = (h: 0.0, error: 0.0)
  /// Newton's contraction in the last iteration.
  private var rate = 0.0

  /// `f` at the state.
  private var f: StateVector
  private var fNew: StateVector
  private let z: [StateVector]
  private let w: [StateVector]
  private let stage: [StateVector]
  /// The collocation polynomial of the last step.
  private let q: [StateVector]
  private let argument: StateVector
  private let pairs: StateVector
  private let error: StateVector
  private let work: StateVector

  /// Newton's iterations in a step at most; in all attempts whose state or derivative is not finite.
  private static let mostIterations = 7
  private static let mostNonFinite = 60
  private static let (minFactor, maxFactor) = (0.2, 8.0)

  init(
    _ problem: ODEProblem, _ control: StepControl, _ name: String, _ restart: Restart?, _ y: StateVector,
    work other: StateVector
  ) throws {
    try control.validate(name, count: y.count)
    if let reason = implicitRefusal(of: problem.system) {
      throw IntegrationFailure(.initialFailure, "\(name): \(reason)")
    }
    self.name = name
    self.control = control
    (start, jacobianTime) = (problem.initialTime, problem.initialTime)
    n = y.count
    function = RightHandSide(problem.system)
    vectors = VectorKernels(count: n, threads: control.threads)
    measure = ErrorMeasure(control, vectors)
    matrix = try IterationMatrix(problem.system, hasComplexShift: true)
    newtonTolerance = max(
      10 * Double.ulpOfOne / max(control.rtol, 1e-15), min(0.03, control.rtol.squareRoot()))
    func vector() -> StateVector { StateVector(count: y.count) }
    jacobianState = vector()
    (f, fNew, argument, error, work) = (vector(), vector(), vector(), vector(), vector())
    pairs = StateVector(count: 2 * n)
    (z, w) = ((0..<3).map { _ in vector() }, (0..<3).map { _ in vector() })
    (stage, q) = ((0..<3).map { _ in vector() }, (0..<3).map { _ in vector() })
    counters.lastOrder = 5
    nextStep = 1
    try function.start(problem.initialTime, y, into: f, name, restart)
    if let restart {
      nextStep = try resumedStep(restart, problem, name)
      guard try restart.errorHistory.isEmpty || resume(restart.errorHistory) else {
        throw foreignRestart(name)
      }
    } else {
      nextStep =
        try control.initialStep
        ?? InitialStep(
          function: function, problem: problem, control: control, measure: measure, vectors: vectors,
          order: 4,
          rho: nil
        ).size(y, f, work: other, f1: fNew)
    }
  }

  public var statistics: Statistics {
    var result = counters
    result.nfev = function.nfev
    result.njev = matrix.evaluations
    return result
  }

  /// What the next step depends on beside the state: scalars, the collocation polynomial, and what the Jacobian was evaluated with.
  public var errorHistory: [Double] {
    guard last.h != 0 else { return [] }
    let scalars = [
      start, jacobianTime, jacobianStep, last.h, last.error, factoredStep, needsJacobian ? 1 : 0,
    ]
    return scalars + ([jacobianState] + q).flatMap(\.array) + jacobianMemory
  }

  /// Takes over an earlier run's ``errorHistory``: evaluates the Jacobian and factorises as that did. Returns whether it is one.
  private func resume(_ history: [Double]) throws -> Bool {
    let scalars = 7
    guard history.count >= scalars + 4 * n, history.allSatisfy(\.isFinite), history[2] != 0, history[3] != 0,
      matrix.resume(history[(scalars + 4 * n)...])
    else { return false }
    (start, jacobianTime, jacobianStep) = (history[0], history[1], history[2])
    (last, needsJacobian) = ((history[3], history[4]), history[6] == 1)
    for (i, vector) in ([jacobianState] + q).enumerated() {
      for k in 0..<n { vector.pointer[k] = history[scalars + i * n + k] }
    }
    jacobianMemory = matrix.memory
    try function.uncounted {
      try function.evaluate(jacobianTime, jacobianState, into: work)
      _ = try matrix.evaluate(
        jacobianTime, jacobianState, work, h: jacobianStep, floor: floor, counts: false
      ) { try function.evaluate($0, $1, into: $2) }
    }
    let h = history[5]
    guard h != 0 else { return true }
    factoredStep = h
    return matrix.factor(C.real / h) && matrix.factor(re: C.complex.re / h, im: C.complex.im / h)
  }

  /// How the Jacobian is had.
  public var choice: String? { "radau: \(matrix.words)" }
  public func begin() {}
  public func abandon() {}

  public func step(
    from t: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget {
    var size = min(nextStep, control.maxStep)
    let wanted = size
    var (rejections, nonFinite) = (0, 0)
    while true {
      let smallest = StepTarget.smallest(at: t)
      guard size >= smallest || size >= abs(limit - t), nonFinite < Self.mostNonFinite else {
        throw failure(t, size, nonFinite > 0)
      }
      let step = StepTarget(from: t, size, limit: limit, balanced: true)
      let h = step.h
      // One that falls like 1/t and is kept from the start makes corrections tiny: what has not converged looks converged.
      if !isJacobianFresh, abs(t + h - start) > 4 * abs(jacobianTime - start) { needsJacobian = true }
      if needsJacobian {
        jacobianState.pointer.update(from: y.pointer, count: n)
        (jacobianStep, jacobianMemory) = (h, matrix.memory)
        guard
          try matrix.evaluate(t, y, f, h: h, floor: floor, { try function.evaluate($0, $1, into: $2) })
        else {
          throw IntegrationFailure(
            .nonFinite, "\(name): the Jacobian at t = \(t) is not finite; f may not be defined close by")
        }
        if let jump = matrix.jump { throw jumpFailure(name, t, jump) }
        (needsJacobian, isJacobianFresh, factoredStep, jacobianTime) = (false, true, 0, t)
      }
      // Rounding of t changes a step that is kept.
      if abs(factoredStep - h) > 1e-6 * abs(h) {
        counters.nsetups += 1
        guard matrix.factor(C.real / h), matrix.factor(re: C.complex.re / h, im: C.complex.im / h) else {
          (size, factoredStep) = (0.5 * abs(h), 0)
          counters.rejected += 1
          continue
        }
        factoredStep = h
      }
      predict(h, y)
      let outcome = try iterate(t, step, y)
      guard case .converged(let iterations) = outcome else {
        counters.rejected += 1
        counters.ncfn += 1
        if case .nonFinite = outcome { nonFinite += 1 }
        if !isJacobianFresh {
          needsJacobian = true
        } else {
          size = 0.5 * abs(h)
        }
        continue
      }
      _ = vectors.add(y, 1, z[2], into: next)
      let err = try estimate(t, h, y, next, again: last.h == 0 || rejections > 0)
      // Many iterations are a hint that the step is near the end of what Newton's takes.
      let most = Double(2 * Self.mostIterations)
      let safety = 0.9 * (most + 1) / (most + Double(iterations))
      guard err <= 1 else {
        counters.rejected += 1
        rejections += 1
        if err.isFinite {
          counters.netf += 1
          size = abs(h) * max(Self.minFactor, min(0.9, safety * factor(h, err)))
        } else {
          nonFinite += 1
          size = 0.2 * abs(h)
        }
        continue
      }
      try function.evaluate(step.end, next, into: fNew)
      guard vectors.isFinite(fNew) else {
        counters.rejected += 1
        nonFinite += 1
        size = 0.5 * abs(h)
        continue
      }
      accept(step, err, safety, iterations, wanted, afterRejection: rejections > 0)
      return step
    }
  }

  private var floor: Double { 1e-6 * control.atol }

  private func failure(_ t: Double, _ size: Double, _ isNonFinite: Bool) -> IntegrationFailure {
    isNonFinite
      ? IntegrationFailure(
        .nonFinite,
        "\(name): NaN or infinity in f or y at every step tried from t = \(t), the last of size \(size); f may not be defined beyond, or the solution grows without bound there"
      )
      : IntegrationFailure(
        .stepSizeUnderflow,
        "\(name): at t = \(t) the step has fallen to \(size), and no smaller one changes t; loosen rtol = \(control.rtol) and atol = \(control.atol), or look for a jump or a singularity there and declare it"
      )
  }

  /// What Newton's iteration starts with: the last step's polynomial, continued.
  private func predict(_ h: Double, _ y: StateVector) {
    guard last.h != 0 else {
      for i in 0..<3 {
        z[i].pointer.update(repeating: 0, count: n)
        w[i].pointer.update(repeating: 0, count: n)
      }
      return
    }
    for i in 0..<3 {
      let x = C.c[i] * h / last.h
      // q(1 + x) - q(1).
      let (a, b, c) = (x, x * (2 + x), x * (3 + x * (3 + x)))
      for k in 0..<n { z[i].pointer[k] = a * q[0].pointer[k] + b * q[1].pointer[k] + c * q[2].pointer[k] }
    }
    transform(C.tInverse, z, into: w)
  }

  private func transform(_ matrix: [[Double]], _ x: [StateVector], into result: [StateVector]) {
    let (x0, x1, x2) = (x[0].pointer, x[1].pointer, x[2].pointer)
    for i in 0..<3 {
      let (a, b, c) = (matrix[i][0], matrix[i][1], matrix[i][2])
      let out = result[i].pointer
      for k in 0..<n { out[k] = a * x0[k] + b * x1[k] + c * x2[k] }
    }
  }

  private enum Outcome {
    case converged(Int)
    case diverged
    case nonFinite
  }

  /// Simplified Newton iteration for ``z``.
  private func iterate(_ t: Double, _ step: StepTarget, _ y: StateVector) throws -> Outcome {
    let h = step.h
    let (mu, re, im) = (C.real / h, C.complex.re / h, C.complex.im / h)
    var lastSize = 0.0
    for iteration in 1...Self.mostIterations {
      counters.nni += 1
      for i in 0..<3 {
        guard vectors.add(y, 1, z[i], into: argument) else { return .nonFinite }
        try function.evaluate(i == 2 ? step.end : t + C.c[i] * h, argument, into: stage[i])
        guard vectors.isFinite(stage[i]) else { return .nonFinite }
      }
      let (f0, f1, f2) = (stage[0].pointer, stage[1].pointer, stage[2].pointer)
      let (w0, w1, w2) = (w[0].pointer, w[1].pointer, w[2].pointer)
      let (t0, t1, t2) = (C.tInverse[0], C.tInverse[1], C.tInverse[2])
      for k in 0..<n {
        let (a, b, c) = (f0[k], f1[k], f2[k])
        work.pointer[k] = t0[0] * a + t0[1] * b + t0[2] * c - mu * w0[k]
        pairs.pointer[2 * k] = t1[0] * a + t1[1] * b + t1[2] * c - (re * w1[k] - im * w2[k])
        pairs.pointer[2 * k + 1] = t2[0] * a + t2[1] * b + t2[2] * c - (im * w1[k] + re * w2[k])
      }
      matrix.solve(work.pointer)
      matrix.solveComplex(pairs.pointer)
      for k in 0..<n {
        f0[k] = work.pointer[k]
        f1[k] = pairs.pointer[2 * k]
        f2[k] = pairs.pointer[2 * k + 1]
      }
      var sum = 0.0
      for i in 0..<3 {
        let part = try measure.norm(stage[i], at: y)
        sum += part * part
      }
      let size = (sum / 3).squareRoot()
      guard size.isFinite else { return .nonFinite }
      if iteration > 1 {
        rate = size / lastSize
        let left = Double(Self.mostIterations - iteration)
        if rate >= 1 || pow(rate, left) / (1 - rate) * size > newtonTolerance { return .diverged }
      }
      for i in 0..<3 { _ = vectors.add(w[i], 1, stage[i], into: w[i]) }
      transform(C.t, w, into: z)
      if size == 0 || iteration > 1 && rate / (1 - rate) * size < newtonTolerance {
        return .converged(iteration)
      }
      // One iteration is enough where it hardly moves at all.
      if iteration == 1, size < 1e-3 * newtonTolerance {
        rate = 0
        return .converged(1)
      }
      lastSize = size
    }
    return .diverged
  }

  /// `|(s I - J)^-1 (f + Z e/h)|`; filtered a second time where `f` itself is stiff, at the first step and after a rejection.
  private func estimate(
    _ t: Double, _ h: Double, _ y: StateVector, _ next: StateVector, again: Bool
  ) throws -> Double {
    let (z0, z1, z2) = (z[0].pointer, z[1].pointer, z[2].pointer)
    let (a, b, c) = (C.e[0] / h, C.e[1] / h, C.e[2] / h)
    for k in 0..<n {
      work.pointer[k] = a * z0[k] + b * z1[k] + c * z2[k]
      error.pointer[k] = f.pointer[k] + work.pointer[k]
    }
    matrix.solve(error.pointer)
    var err = try measure.norm(error, y, next)
    if err > 1, err.isFinite, again {
      guard vectors.add(y, 1, error, into: argument) else { return .infinity }
      try function.evaluate(t, argument, into: error)
      guard vectors.isFinite(error) else { return err }
      _ = vectors.add(error, 1, work, into: error)
      matrix.solve(error.pointer)
      err = try measure.norm(error, y, next)
    }
    return err
  }

  /// Of the step, the part that the next one should have; Gustafsson's prediction where there was a step before.
  private func factor(_ h: Double, _ err: Double) -> Double {
    let error = max(err, 1e-10)
    let plain = pow(error, -0.25)
    guard last.h != 0 else { return plain }
    return min(1, abs(h / last.h) * pow(last.error / error, 0.25)) * plain
  }

  private func accept(
    _ step: StepTarget, _ err: Double, _ safety: Double, _ iterations: Int, _ wanted: Double,
    afterRejection: Bool
  ) {
    let h = step.h
    var growth = min(Self.maxFactor, max(Self.minFactor, safety * factor(h, err)))
    if afterRejection { growth = min(growth, 1) }
    needsJacobian = iterations > 2 && rate > 1e-3
    isJacobianFresh = false
    // A little longer is not worth new factors.
    if !needsJacobian, growth >= 1, growth < 1.2 { growth = 1 }
    nextStep = min(abs(h) * growth, control.maxStep, StepTarget.largest)
    if growth >= 1, !afterRejection { nextStep = min(max(nextStep, wanted), control.maxStep) }
    last = (h, max(err, 1e-2))
    for k in 0..<n {
      let (z0, z1, z2) = (z[0].pointer[k], z[1].pointer[k], z[2].pointer[k])
      for j in 0..<3 { q[j].pointer[k] = C.p[0][j] * z0 + C.p[1][j] * z1 + C.p[2][j] * z2 }
    }
    swap(&f, &fNew)
    counters.accepted += 1
    counters.lastStepSize = h
  }

  public func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) {
    for k in 0..<n {
      y[k] = y0.pointer[k] + theta * (q[0].pointer[k] + theta * (q[1].pointer[k] + theta * q[2].pointer[k]))
    }
  }
}
