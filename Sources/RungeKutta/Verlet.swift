import Foundation
import ODECore

/// The symplectic method of Störmer and Verlet, and a composition of it of order 4, for systems of positions and momenta
/// (``/ODECore/Partitioned``) with a fixed step.
///
///     p_(1/2) = p + h/2 f(t, q),   q_1 = q + h g(t + h/2, p_(1/2)),   p_1 = p_(1/2) + h/2 f(t + h, q_1)
///
/// Energy is not conserved but stays within `O(h^order)` of its value for exponentially long times, where other methods drift. The
/// composition is Suzuki's: five substeps of `s h, s h, (1 - 4 s) h, s h, s h`, `s = 1/(4 - 4^(1/3))`.
///
/// Symplecticity is lost if the step changes; the last step before a limit is shortened. Dense output is the cubic Hermite
/// interpolant. Two evaluations of `f` per substep, and one more at the step's end.
///
/// Sources: Verlet, *Phys. Rev.* 159 (1967) 98-103, doi:10.1103/PhysRev.159.98; Suzuki, *Phys. Lett. A* 146 (1990) 319-323,
/// doi:10.1016/0375-9601(90)90962-N; Hairer, Lubich, Wanner, *Geometric Numerical Integration*, 2nd ed., I.1.4, II.4, doi:10.1007/3-540-30666-8.
public struct Verlet: Integrator {
  public var name: String { "verlet" }
  public var isAdaptive: Bool { false }
  /// The step `h > 0`.
  public var step: Double
  /// 2 or 4; another number is refused.
  public var order: Int

  /// The step, in units of time, and the order of the composition.
  public init(step: Double, order: Int = 2) {
    self.step = step
    self.order = order
  }

  public func refusal(of problem: ODEProblem) -> String? {
    guard (problem.system as? any Partitioned)?.isPartitioned == true, problem.system.dimension % 2 == 0
    else {
      return "the system does not say that it is partitioned into positions and momenta"
    }
    return nil
  }

  /// - Throws: ``/ODECore/IntegrationFailure`` with `initialFailure` for an unusable step or order, or a system that is not partitioned.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> SteppingState<VerletMethod> {
    func refuse(_ reason: String) -> IntegrationFailure {
      IntegrationFailure(.initialFailure, "\(name): \(reason)")
    }
    if let reason = refusal(of: problem) { throw refuse(reason) }
    guard step > 0, step.isFinite else { throw refuse("the step is \(step), it must be positive and finite") }
    guard order == 2 || order == 4 else { throw refuse("the order is \(order), it must be 2 or 4") }
    return try SteppingState(problem) { y, _ in try VerletMethod(problem, self, y, restart) }
  }
}

/// The steps of ``Verlet``.
public final class VerletMethod: SteppingMethod {
  private let name: String
  private let size: Double
  private let function: RightHandSide
  private let vectors: VectorKernels
  private let substeps: [Double]
  private var first: StateVector
  private var end: StateVector
  private let slope: StateVector
  private var counters = Statistics()

  init(_ problem: ODEProblem, _ verlet: Verlet, _ y: StateVector, _ restart: Restart?) throws {
    name = verlet.name
    size = verlet.step
    function = RightHandSide(problem.system)
    vectors = VectorKernels(count: y.count, threads: 1)
    let s = 1 / (4 - pow(4, 1.0 / 3))
    substeps = verlet.order == 2 ? [1] : [s, s, 1 - 4 * s, s, s]
    (first, end, slope) = (
      StateVector(count: y.count), StateVector(count: y.count), StateVector(count: y.count)
    )
    counters.lastOrder = verlet.order
    try function.start(problem.initialTime, y, into: end, name, restart)
  }

  public var statistics: Statistics {
    var result = counters
    result.nfev = function.nfev
    return result
  }
  public var nextStep: Double { size }
  public var errorHistory: [Double] { [] }
  public func begin() { swap(&first, &end) }
  public func abandon() { swap(&first, &end) }

  public func step(
    from t: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget {
    let step = StepTarget(from: t, size, limit: limit, balanced: false)
    guard step.h != 0 else {
      throw IntegrationFailure(.stepSizeUnderflow, "\(name): the step \(size) does not change t = \(t)")
    }
    let half = y.count / 2
    let (z, k) = (next.pointer, slope.pointer)
    z.update(from: y.pointer, count: y.count)
    k.update(from: first.pointer, count: y.count)
    var begun = t
    for part in substeps {
      let h = part * step.h
      for i in half..<y.count { z[i] += 0.5 * h * k[i] }
      try function.evaluate(begun + 0.5 * h, next, into: slope)
      for i in 0..<half { z[i] += h * k[i] }
      begun += h
      try function.evaluate(begun, next, into: slope)
      for i in half..<y.count { z[i] += 0.5 * h * k[i] }
    }
    guard vectors.isFinite(next) else { throw notFinite(t, step) }
    try function.evaluate(step.end, next, into: end)
    guard vectors.isFinite(end) else { throw notFinite(t, step) }
    counters.accepted += 1
    counters.lastStepSize = step.h
    return step
  }

  private func notFinite(_ t: Double, _ step: StepTarget) -> IntegrationFailure {
    counters.rejected += 1
    return IntegrationFailure(
      .nonFinite,
      "\(name): the state or f is not finite after the step \(step.h) from t = \(t); take a smaller one")
  }

  public func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) { vectors.hermite(y, y0, y1, first, end, theta, h) }
}
