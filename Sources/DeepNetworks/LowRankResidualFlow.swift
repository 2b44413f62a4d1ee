import CDeepKernels
import GradientFlow
import ODECore

/// A ``LowRankFlow``, for steps in the space of residuals that follow every unit over and along its kinks (`UnitMotion`).
final class LowRankResidualFlow: KernelResidualFlow {
  private final class Frame {
    var evaluation: DeepEvaluation
    let residuals: StateVector
    let operands: KernelOperands
    /// The integrator's own: the evaluation remembers what a motion needs.
    var state: StateVector?

    init(_ flow: LowRankFlow) throws {
      let rows = flow.flow.data.targets.count
      evaluation = try flow.makeEvaluation()
      residuals = StateVector(count: rows)
      operands = KernelOperands(
        curvatures: StateVector(count: flow.flow.values.curvatures.count),
        kernel: StateVector(count: rows * rows))
    }
  }

  let count: Int
  private let flow: LowRankFlow
  private var frames: [Frame]
  let propagators: [KernelPropagator]
  private let motion: UnitMotion
  /// Where the last motion led, and all that is known there but the outputs.
  private var moved: (state: StateVector?, evaluation: DeepEvaluation)

  init(_ flow: LowRankFlow) throws {
    self.flow = flow
    count = flow.flow.data.targets.count
    frames = try (0..<3).map { _ in try Frame(flow) }
    propagators = (0..<2).map { [count] _ in KernelPropagator(count: count, order: flow.flow.values.order) }
    motion = UnitMotion(flow.network, sampleCount: flow.flow.data.sampleCount)
    moved = (nil, try flow.makeEvaluation())
  }

  private func frame(_ place: Place) -> Frame { frames[place.rawValue] }

  func evaluate(_ y: StateVector, at place: Place) {
    let frame = frame(place)
    frame.state = y
    let outputs = flow.flow.values.outputs.pointer
    if moved.state === y {
      // Done by the motion, which knows which units are held where.
      swap(&frame.evaluation, &moved.evaluation)
      moved.state = nil
      let e = frame.evaluation
      flow.weights(y.pointer, e).forward(
        e.depth, e.n, e.features(e.depth), scale: flow.network.kappa, into: outputs)
    } else {
      frame.evaluation.propagate(flow.weights(y.pointer, frame.evaluation), into: outputs)
    }
    finish(frame, remembers: place != .stage)
  }

  /// Losses and their derivatives from the outputs.
  private func finish(_ frame: Frame, remembers: Bool) {
    let values = flow.flow.values
    let risk = values.evaluate()
    // Events and observers ask for the ends of steps.
    if remembers, let y = frame.state { flow.remember(y.pointer, risk: risk) }
    values.evaluateCurvatures()
    frame.residuals.pointer.update(from: values.residuals.pointer, count: count)
    frame.operands.curvatures.pointer.update(from: values.curvatures.pointer, count: values.curvatures.count)
  }

  func residuals(at place: Place) -> StateVector { frame(place).residuals }

  func evaluateKernel(at place: Place) {
    let frame = frame(place)
    frame.evaluation.kernels.evaluate(
      frame.evaluation, flow.weights(frame.state!.pointer, frame.evaluation), flow.flow.factors.map { -$0 },
      into: frame.operands.kernel.pointer)
  }

  func exchange(_ a: Place, _ b: Place) { frames.swapAt(a.rawValue, b.rawValue) }

  func operands(at place: Place) -> KernelOperands { frame(place).operands }

  func move(_ y: StateVector, early: StateVector, late: StateVector?, into y1: StateVector) {
    // So that all states of a step have the same first terms, room is made in the one they begin at, for both motions.
    guard flow.makeRoom(y.pointer, for: 2 * flow.evaluation.n) else {
      y1.pointer.update(repeating: .nan, count: y1.count)
      return
    }
    let terms = terms(early, late)
    motion.move(
      terms, factors: flow.flow.factors, weights: flow.weights(y.pointer, moved.evaluation),
      into: moved.evaluation)
    shift(y, by: terms, into: y1)
    moved.state = y1
  }

  func moveInside(_ y: StateVector, early: StateVector, late: StateVector, into y1: StateVector) {
    let terms = terms(early, late)
    motion.repeatMotion(terms)
    shift(y, by: terms, into: y1)
    if moved.state === y1 { moved.state = nil }
  }

  private func terms(_ early: StateVector, _ late: StateVector?) -> [UnitMotion.Term] {
    let first = (frame(.start).evaluation, early)
    return late.map { [first, (frame(.stage).evaluation, $0)] } ?? [first]
  }

  private func shift(_ y: StateVector, by terms: [UnitMotion.Term], into y1: StateVector) {
    flow.copy(y, to: y1)
    for (t, term) in terms.enumerated() {
      flow.shift(y1.pointer, by: term.impulse, term.evaluation) { [motion] in motion.signal($0, term: t) }
    }
  }

  func memory(at place: Place) -> [Double] { frame(place).evaluation.memory }

  func restore(_ memory: [Double], at place: Place) -> Bool {
    let (frame, values) = (frame(place), flow.flow.values)
    guard let y = frame.state, frame.evaluation.restore(memory) else { return false }
    let e = frame.evaluation
    flow.weights(y.pointer, e).forward(
      e.depth, e.n, e.features(e.depth), scale: flow.network.kappa, into: values.outputs.pointer)
    finish(frame, remembers: true)
    return true
  }

  func distance(_ a: StateVector, _ b: StateVector?, block: Int) -> Double? {
    guard let b else { return flow.layout.isWorthwhile ? flow.baseNorm(layer: block) : nil }
    return flow.squaredDistance(a.pointer, b.pointer, layer: block).squareRoot()
  }

  func largestRate() throws -> Double {
    try largestRate(order: flow.flow.values.order)
  }
}

extension LowRankFlow: ResidualDriven {
  public var residualRefusal: String? { flow.residualRefusal }

  public var residualMemory: (flow: Double, place: Double) {
    ArchitectureFlow.residualMemory(dimension: dimension, count: flow.data.targets.count)
  }

  /// The layers, whose numbers are factors in part: only the flow itself can measure them.
  public var residualBlocks: [Range<Int>] { layout.layers }

  public func makeResidualFlow() throws -> any ResidualFlow { try LowRankResidualFlow(self) }
}
