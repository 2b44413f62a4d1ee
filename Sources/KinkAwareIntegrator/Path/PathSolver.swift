import CKinkFlow
import ODECore

/// Finds the residual path of a step: collocation at the Radau nodes, `e[theta(c_j; p)] = p(c_j)`, by simplified Newton
/// iteration on the modes' moments, repeated until the events no longer change it.
///
/// In: ``ResidualPath/start``, the modes at the start of the step, a decomposed ``RateMatrix``. Out: the path, and the
/// tracer's account of the events along it.
final class PathSolver {
  private let problem: KinkProblem
  private let loss: SampleLoss
  private let modes: ModeTable
  private let path: ResidualPath
  private let rates: RateMatrix
  private let tracer: EventTracer
  private let pool: ThreadPool
  private let tolerance: Double
  private let s: Int, n: Int
  /// s x n: outputs and residuals of the neurons at the nodes; what events add to the outputs.
  private let outputs: StateVector, residuals: StateVector
  private let correction: StateVector, lastCorrection: StateVector
  private let change: StateVector, lastOutputs: StateVector
  /// Iterations so far; each evaluates the residuals at all nodes.
  private(set) var iterations = 0

  init(
    _ problem: KinkProblem, _ loss: SampleLoss, _ rates: RateMatrix, _ tracer: EventTracer, tolerance: Double
  ) {
    self.problem = problem
    self.loss = loss
    self.rates = rates
    self.tracer = tracer
    self.tolerance = tolerance
    (modes, path, pool) = (tracer.modes, tracer.path, tracer.pool)
    (s, n) = (path.s, path.n)
    func vector(_ count: Int) -> StateVector { StateVector(count: count) }
    (outputs, residuals, change) = (vector(s * n), vector(s * n), vector(s * n))
    (correction, lastCorrection, lastOutputs) = (vector(s * n), vector(s * n), vector(n))
  }

  /// Solves for the path over a step of length `H`.
  ///
  /// - Parameter now: where the step starts.
  /// - Throws: ``StepFailure/noContraction``, ``StepFailure/seriesTooLong``, ``StepFailure/dependentKinks``.
  func solve(length H: Double, after last: PastPath, from now: CurrentResiduals) throws(StepFailure) {
    for k in 0..<s * n { correction.pointer[k] = 0 }
    tracer.clear()
    path.predict(length: H, after: last)
    rates.prepare(length: H)
    let (scale, noise) = (path.scale, now.noise)
    // A change v of the path turns the neurons by less than rapidity v.
    let rapidity = path.rapidity
    let small = 1e-2 * tolerance
    let floor = max(1e-15 * scale, 4 * noise)
    func isNegligible(_ v: Double) -> Bool { (rapidity * v < small && v < 30 * small * scale) || v < floor }
    var (rounds, previous, lastChange) = (0, Double.infinity, Double.infinity)
    for _ in 0..<24 {
      try evaluateNodes()
      let size = rates.solve(residuals.pointer, minus: path.values.pointer, into: change.pointer)
      if !size.isFinite || (size > 2 * previous && size > 1e-12 * scale + 8 * noise) { throw .noContraction }
      path.correct(by: change.pointer)
      previous = size
      if !isNegligible(size) { continue }
      // Events along this path. Done when they no longer change it: else the next step's residuals would not
      // start where this path ends, and held neurons would let go and be caught in every step.
      let eventChange = try followEvents(now.curvatures.pointer)
      rounds += 1
      if rounds > 8 || (rounds > 2 && eventChange > 0.5 * lastChange && eventChange > floor) {
        throw .noContraction
      }
      lastChange = eventChange
      if isNegligible(eventChange)
        || (rapidity * eventChange < 0.1 * tolerance && eventChange < min(tolerance, 3e-3) * scale)
      {
        return
      }
      previous = .infinity
    }
    throw .noContraction
  }

  /// Whether the path and its residuals are finite, as far as the first of them tells.
  var isFinite: Bool { residuals.pointer[0].isFinite && !path.coefficients.pointer[0].isNaN }

  /// The step's error over the tolerance: the rapidity of the path's defect `p(0) - e0`, which is the relative error of
  /// the state, and its share in `e` through `(1 + g H G)^-1`.
  func error(_ noise: Double) -> Double {
    let g = 0.1
    let (x, e0) = (change.pointer, path.start.pointer)
    var (defect, scale) = (0.0, 0.0)
    for i in 0..<n {
      scale = max(scale, abs(e0[i]))
      x[i] = path.coefficients.pointer[i] - e0[i]
      // A NaN must not get lost.
      defect = abs(x[i]) - 8 * noise <= defect ? defect : abs(x[i]) - 8 * noise
    }
    let share = rates.damped(x, g)
    let allowed = min(10 * tolerance, 0.03) * scale + 8 * noise
    let p = problem
    return max(
      g * path.length * p.kappa / Double(p.total) * p.reach * defect / tolerance,
      share > 0 ? share / allowed : 0)
  }

  /// `R` at the end of the step, by the path: outputs there follow from the last iteration's by linearisation.
  func riskAtEnd(_ curvatures: StateVector) -> Double {
    let (last, f) = ((s - 1) * n, lastOutputs.pointer)
    for i in 0..<n {
      let missing = path.values.pointer[last + i] - residuals.pointer[last + i]
      f[i] = outputs.pointer[last + i] + missing / curvatures.pointer[i]
    }
    return loss.risk(f)
  }

  /// `e[theta(c_j; p)]`: modes by their moments, plus what neurons with events add.
  private func evaluateNodes() throws(StepFailure) {
    iterations += 1
    pool.forEach(modes.count, work: modes.count * problem.q * problem.q) { number, thread in
      let mode = modes[number]
      if mode.neurons.count == 0 { return }
      if mode.isShared {
        sumByMoments(mode, pool.scratch(thread))
      } else {
        sumOneByOne(mode, pool.batchMemory(thread, problem.q))
      }
    }
    let f = outputs.pointer
    f.update(from: correction.pointer, count: s * n)
    var isTooLong = false
    for mode in modes.modes where mode.neurons.count > 0 {
      if mode.motion.isTooLong { isTooLong = true }
      for j in 0..<s { mode.addOutputs(mode.motion.sums + j * problem.D, to: f + j * n) }
    }
    for j in 0..<s { loss.residuals(f + j * n, into: residuals.pointer + j * n) }
    if isTooLong { throw .seriesTooLong }
  }

  /// The first row of `Psi M Psi^T` at each node.
  private func sumByMoments(_ mode: Mode, _ y: UnsafeMutablePointer<Double>) {
    mode.propagate(along: path)
    let (D, q, M, sums) = (problem.D, problem.q, mode.moments.pointer, mode.motion.sums)
    for j in 0..<s {
      let psi = mode.motion.atNodes.pointer + j * q * q
      for a in 0..<q { y[a] = dot(M + a * q, psi, q) }
      for a in 0..<D { sums[j * D + a] = dot(psi + (a + 1) * q, y, q) }
    }
  }

  private func sumOneByOne(_ mode: Mode, _ memory: BatchMemory) {
    mode.prepareMotion(along: path)
    let sums = mode.motion.sums
    var isTooLong = false
    for k in 0..<s * problem.D { sums[k] = 0 }
    mode.forEachBatch(0, mode.neurons.count, memory) { batch, theta, scratch in
      var course = mode.events.endlessCourse
      if !ckink_follow(&course, &batch, 1, theta, CKINK_SUM_PRESENT, sums, scratch) { isTooLong = true }
    }
    mode.motion.isTooLong = isTooLong
  }

  /// Follows all neurons with events along the path; returns by how much that changes the residuals.
  private func followEvents(_ curvatures: UnsafePointer<Double>) throws(StepFailure) -> Double {
    let (correction, last) = (correction.pointer, lastCorrection.pointer)
    last.update(from: correction, count: s * n)
    try tracer.run()
    for k in 0..<s * n { correction[k] = 0 }
    for mode in tracer.disturbed {
      for j in 0..<s { mode.addOutputs(mode.motion.corrections + j * problem.D, to: correction + j * n) }
    }
    var change = 0.0
    for k in 0..<s * n { change = max(change, abs(correction[k] - last[k]) * curvatures[k % n]) }
    return change
  }
}
