import Networks
import ODECore
import RungeKutta

/// The iterations of ``GradientDescent``.
public final class GradientDescentMethod: SteppingMethod {
  /// Where the velocity is, and what an iteration is made of.
  private enum Kind {
    /// Of a flow, or of dynamics without a velocity: `v/h` is kept here, if there is momentum at all.
    case flow(momentum: Double, velocity: StateVector?)
    /// Of dynamics with a velocity, which the state has behind `theta`.
    case dynamics(DynamicsSystem, any MomentumDynamics)
  }

  private let name: String
  private let system: any ODESystem
  private let kind: Kind
  private let looksAhead: Bool
  /// The time of an iteration.
  private let size: Double
  /// `F`, and where it is taken.
  private let force: StateVector
  private let place: StateVector
  private var counters = Statistics()

  init(_ problem: ODEProblem, _ descent: GradientDescent, _ y: StateVector, _ restart: Restart?) throws {
    (name, system) = (descent.name, problem.system)
    if let moved = problem.system as? DynamicsSystem, let own = moved.dynamics as? any MomentumDynamics {
      kind = .dynamics(moved, own)
      size =
        try Self.kept(descent, restart)
        ?? descent.stepScale * own.stepSize(learningRate: descent.rate(for: problem))
      looksAhead = descent.looksAhead || own.looksAhead
      force = StateVector(count: moved.parameterCount)
    } else {
      let momentum = descent.momentum ?? 0
      let velocity = momentum > 0 ? StateVector(count: y.count) : nil
      if let velocity, let kept = restart?.errorHistory {
        guard kept.count == y.count else {
          throw IntegrationFailure(.initialFailure, "\(name): the restart is not from a run of this problem")
        }
        for i in 0..<kept.count { velocity.pointer[i] = kept[i] }
      }
      kind = .flow(momentum: momentum, velocity: velocity)
      size =
        try Self.kept(descent, restart) ?? descent.stepScale * descent.rate(for: problem) / (1 - momentum)
      looksAhead = descent.looksAhead
      force = StateVector(count: y.count)
    }
    place = StateVector(count: force.count)
    counters.lastOrder = 1
  }

  /// The size that a resumed run had found at its own start.
  private static func kept(_ descent: GradientDescent, _ restart: Restart?) -> Double? {
    descent.learningRate == nil ? restart.flatMap { $0.stepSize > 0 ? $0.stepSize : nil } : nil
  }

  public var statistics: Statistics { counters }
  public var nextStep: Double { size }
  public var errorHistory: [Double] {
    if case .flow(_, let velocity?) = kind { velocity.array } else { [] }
  }
  public func begin() {}
  public func abandon() {}

  public func step(
    from t: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget {
    let step = StepTarget(from: t, size, limit: limit, balanced: false)
    guard step.h != 0 else {
      throw IntegrationFailure(
        .stepSizeUnderflow, "\(name): an iteration, worth \(size), does not change t = \(t)")
    }
    // Whole iterations have the learning rate to the bit, whatever the rounding of the time.
    let h = step.lands && abs(step.h / size - 1) > 1e-6 ? step.h : size
    let (theta, result) = (y.pointer, next.pointer)
    switch kind {
    case .flow(_, nil):
      try evaluate(t, y, lookingAhead: 0, nil)
      for i in 0..<force.count { result[i] = theta[i] + h * force.pointer[i] }
    case .flow(let momentum, let velocity?):
      let m = 1 - h / size * (1 - momentum)
      try evaluate(t, y, lookingAhead: m * h, velocity.pointer)
      try requireFinite(force, t, h)
      let v = velocity.pointer
      for i in 0..<force.count {
        v[i] = m * v[i] + (1 - m) * force.pointer[i]
        result[i] = theta[i] + h * v[i]
      }
    case .dynamics(_, let own):
      let (m, eta) = (own.momentum(t, stepSize: h), own.learningRate(stepSize: h))
      let n = force.count
      try evaluate(t, y, lookingAhead: m * h, theta + n)
      for i in 0..<n {
        result[n + i] = m * theta[n + i] + eta / h * force.pointer[i]
        result[i] = theta[i] + h * result[n + i]
      }
    }
    try requireFinite(next, t, h)
    counters.accepted += 1
    counters.lastStepSize = step.h
    return step
  }

  /// `F` at `theta`, or at `theta + factor v` for a method that looks ahead.
  private func evaluate(
    _ t: Double, _ y: StateVector, lookingAhead factor: Double, _ v: UnsafePointer<Double>?
  ) throws {
    counters.nfev += 1
    let n = force.count
    if looksAhead, let v {
      for i in 0..<n { place.pointer[i] = y.pointer[i] + factor * v[i] }
    } else {
      place.pointer.update(from: y.pointer, count: n)
    }
    try place.withSpan { theta in
      try force.withMutableSpan {
        if case .dynamics(let moved, _) = kind {
          try moved.force(t, theta, into: &$0)
        } else {
          try system.derivative(t, theta, into: &$0)
        }
      }
    }
  }

  private func requireFinite(_ vector: StateVector, _ t: Double, _ h: Double) throws {
    guard let bad = vector.firstNonFinite else { return }
    counters.rejected += 1
    throw IntegrationFailure(
      .nonFinite,
      "\(name): element \(bad) becomes \(vector.pointer[bad]) in the iteration from t = \(t); the learning rate may be beyond the limit of stability, take a smaller one"
    )
  }

  public func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) { for i in 0..<y0.count { y[i] = y0.pointer[i] + theta * (y1.pointer[i] - y0.pointer[i]) } }
}
