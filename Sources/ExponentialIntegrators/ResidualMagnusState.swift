import ODECore
import RungeKutta

/// An integration by ``ResidualMagnus``: what evolves.
///
/// ``statistics``: `nfev` counts evaluations of residuals, each with the motion that they give; `njev` kernels, `nsetups` factorisations
/// and `nli` iterations of the linear algebra in the space of residuals.
///
/// ``restart`` holds the next step size and, in `errorHistory`, the controller's memory, the state of the start, which changes
/// are measured from, and what the flow knows beyond its state.
public final class ResidualMagnusState: IntegratorState {
  private let name: String
  private let flow: any ResidualFlow
  private let blocks: [Range<Int>]
  private let path: ResidualMoments
  /// The residuals that the last corrector predicted.
  private let predicted: StateVector
  private let reference: StateVector
  private var y: StateVector
  /// The state before the last step; the next one is built in it.
  private var other: StateVector
  private let stage: StateVector
  public private(set) var time: Double
  private var last: LastStep
  private var steps: ErrorControl
  private let rtol: Double
  private let longestStep: Double
  /// Whether ``Place/start`` belongs to `y`; after an accepted step ``Place/end`` does.
  private var isAtStart = true
  private var hasKernel = false
  private var counters = Statistics()

  /// `h` times the largest rate beyond which exponentials of the slow modes would be rounding.
  private static let largestProduct = 1e13

  init(_ problem: ODEProblem, _ control: StepControl, _ name: String, _ restart: Restart?) throws {
    try control.validate(name)
    guard let system = problem.system as? any ResidualDriven else {
      preconditionFailure("refused before")
    }
    self.name = name
    rtol = control.rtol
    flow = try system.makeResidualFlow()
    blocks = system.residualBlocks
    path = ResidualMoments(count: flow.count)
    predicted = StateVector(count: flow.count)
    y = StateVector(problem.initialState)
    (other, stage) = (StateVector(count: y.count), StateVector(count: y.count))
    time = problem.initialTime
    last = LastStep(at: time)

    flow.evaluate(y, at: .start)
    counters.nfev = 1
    guard flow.residuals(at: .start).firstNonFinite == nil else {
      throw IntegrationFailure(.nonFinite, "\(name): the residuals are not finite at the start, t = \(time)")
    }
    flow.evaluateKernel(at: .start)
    counters.njev = 1
    hasKernel = true
    let rate = try flow.largestRate()
    longestStep = rate > 0 ? Self.largestProduct / rate : .infinity
    func controlled(_ nextStep: Double) -> ErrorControl {
      ErrorControl(name, control, errorOrder: 2, lastOrder: 2, nextStep: nextStep)
    }
    if let restart {
      steps = controlled(try resumedStep(restart, problem, name))
      guard let rest = steps.resume(restart.errorHistory), rest.count >= y.count else {
        throw foreignRestart(name)
      }
      reference = StateVector(Array(rest.prefix(y.count)))
      let memory = Array(rest.dropFirst(y.count))
      guard flow.restore(memory, at: .start) else { throw foreignRestart(name) }
      if !memory.isEmpty { flow.evaluateKernel(at: .start) }
    } else {
      reference = StateVector(problem.initialState)
      let first = control.initialStep ?? (rate > 0 && rate.isFinite ? 0.1 / rate : 1)
      steps = controlled(min(first, abs(problem.finalTime - time), control.maxStep))
    }
  }

  public var previousTime: Double { last.start }

  public var statistics: Statistics {
    var result = steps.counters
    result.nfev = counters.nfev
    result.njev = counters.njev
    (result.nsetups, result.nli) = flow.linearCounters
    return result
  }

  public var restart: Restart {
    Restart(
      stepSize: steps.nextStep,
      errorHistory: steps.memory + reference.array + flow.memory(at: isAtStart ? .start : .end))
  }

  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R { try y.withSpan(body) }

  public func advance(to limit: Double) throws {
    precondition(limit > time, "the limit \(limit) does not lie ahead of \(time)")
    // Until a step is accepted there is nothing to interpolate.
    last.forget()
    if !isAtStart {
      flow.exchange(.start, .end)
      (isAtStart, hasKernel) = (true, false)
    }
    if !hasKernel {
      flow.evaluateKernel(at: .start)
      counters.njev += 1
      hasKernel = true
    }
    let step = try steps.step(from: time, limit: limit) { _ in
      longestStep
    } attempt: {
      try attempt($0.h)
    }
    (y, other) = (other, y)
    time = step.end
    last.accept(step)
    isAtStart = false
  }

  /// Tries a step; the result is in `other` and at ``Place/end``. Returns its error, not finite if anything is not.
  private func attempt(_ h: Double) throws -> Double {
    try flow.prepare(.start, h: h)
    flow.propagate(.start, tau: h, into: path)
    flow.move(y, early: path.whole, late: nil, into: stage)
    // A flow that cannot move fills the result with NaN.
    guard stage.pointer[0].isFinite else { return .infinity }
    flow.evaluate(stage, at: .stage)
    guard flow.residuals(at: .stage).firstNonFinite == nil else { return .infinity }
    flow.evaluateKernel(at: .stage)
    try flow.prepare(.mean, h: h)
    flow.propagate(.mean, tau: h, into: path)
    flow.move(y, early: path.early, late: path.late, into: other)
    predicted.pointer.update(from: path.end.pointer, count: flow.count)
    counters.nfev += 2
    counters.njev += 1
    guard other.pointer[0].isFinite else { return .infinity }
    flow.evaluate(other, at: .end)
    let error = error()
    return error.isNaN ? .infinity : error
  }

  /// See ``ResidualMagnus``. Not finite if the stage or the result is not.
  private func error() -> Double {
    let end = flow.residuals(at: .end)
    let size = Vectors.norm(flow.residuals(at: .start))
    var error =
      size > 0
      ? Vectors.distance(end, flow.residuals(at: .stage)) / size * (Vectors.distance(end, predicted) / size)
      : 0
    for (index, block) in blocks.enumerated() {
      let own = lengths(index, block)
      // Where a block stands still its rounding counts as change.
      let least = max(Double.ulpOfOne * own.state, .leastNormalMagnitude)
      error = max(
        error, own.correction / max(own.change, least) * (own.correction / max(own.increment, least)))
      guard (own.correction + own.change).isFinite else { return .infinity }
    }
    return error / rtol
  }

  private typealias Lengths = (correction: Double, state: Double, change: Double, increment: Double)

  /// Of a block of the result: its distances from the stage, from 0, from the start of all and from that of the step.
  private func lengths(_ index: Int, _ block: Range<Int>) -> Lengths {
    if let state = flow.distance(other, nil, block: index),
      let correction = flow.distance(other, stage, block: index),
      let change = flow.distance(other, reference, block: index),
      let increment = flow.distance(other, y, block: index)
    {
      return (correction, state, change, increment)
    }
    var sums = (SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero, SIMD8<Double>.zero)
    for i in stride(from: block.lowerBound, to: block.upperBound, by: 8) {
      func eight(_ x: StateVector) -> SIMD8<Double> { Vectors.eight(x, i, end: block.upperBound) }
      let value = eight(other)
      let (a, b, c) = (value - eight(stage), value - eight(reference), value - eight(y))
      sums.0 += a * a
      sums.1 += value * value
      sums.2 += b * b
      sums.3 += c * c
    }
    return (
      sums.0.sum().squareRoot(), sums.1.sum().squareRoot(), sums.2.sum().squareRoot(),
      sums.3.sum().squareRoot()
    )
  }

  public func interpolate(at t: Double, into result: inout MutableSpan<Double>) throws {
    last.interpolate(at: t, from: other, to: y, into: &result) { theta, target in
      flow.propagate(.mean, tau: theta * last.h, into: path)
      flow.moveInside(other, early: path.early, late: path.late, into: stage)
      target.update(from: stage.pointer, count: stage.count)
    }
  }
}
