import CDeepKernels
import GradientFlow
import Networks
import ODECore

/// A flow at one state, for steps in the space of residuals.
final class ArchitectureFrame {
  let evaluation: any ArchitectureEvaluation
  let residuals: StateVector
  let operands: KernelOperands
  /// The state: the integrator's own where the evaluation remembers what it needs, else a copy.
  var state: StateVector
  private let copies: Bool

  init(_ flow: ArchitectureFlow) throws {
    let rows = flow.data.targets.count
    evaluation = try flow.architecture.makeEvaluation(at: flow.data.inputs, threads: flow.threads)
    residuals = StateVector(count: rows)
    operands = KernelOperands(
      curvatures: StateVector(count: flow.values.curvatures.count), kernel: StateVector(count: rows * rows))
    copies = !evaluation.remembersState
    state = StateVector(count: copies ? flow.dimension : 0)
  }

  func evaluate(_ flow: ArchitectureFlow, _ y: StateVector) {
    if copies {
      state.pointer.update(from: y.pointer, count: y.count)
    } else {
      state = y
    }
    let values = flow.values
    y.withSpan { y in values.outputs.withMutableSpan { evaluation.evaluate(y, outputs: &$0) } }
    _ = values.evaluate()
    values.evaluateCurvatures()
    residuals.pointer.update(from: values.residuals.pointer, count: residuals.count)
    operands.curvatures.pointer.update(from: values.curvatures.pointer, count: values.curvatures.count)
    guard values.order == 1 else { return }
    for i in 0..<residuals.count { operands.curvatures.pointer[i] = max(operands.curvatures.pointer[i], 0) }
  }

  func evaluateKernel(_ flow: ArchitectureFlow) {
    state.withSpan { y in
      operands.kernel.withMutableSpan { evaluation.kernel(y, factors: flow.factors.map { -$0 }, into: &$0) }
    }
  }

  /// `y -= B e`, `B = (1/n) M J^T`.
  func shift(_ flow: ArchitectureFlow, _ y: StateVector, by e: StateVector) {
    state.withSpan { theta in
      e.withSpan { e in
        y.withMutableSpan {
          evaluation.gradient(theta, weights: e, factors: flow.factors, adds: true, into: &$0)
        }
      }
    }
  }
}

/// The flow of an architecture, for steps in the space of residuals.
final class ArchitectureResidualFlow: KernelResidualFlow {
  let count: Int
  private let flow: ArchitectureFlow
  private var frames: [ArchitectureFrame]
  let propagators: [KernelPropagator]

  init(_ flow: ArchitectureFlow) throws {
    try BLAS.check()
    self.flow = flow
    count = flow.data.targets.count
    frames = try (0..<3).map { _ in try ArchitectureFrame(flow) }
    propagators = (0..<2).map { [count] _ in KernelPropagator(count: count, order: flow.values.order) }
  }

  private func frame(_ place: Place) -> ArchitectureFrame { frames[place.rawValue] }

  func evaluate(_ y: StateVector, at place: Place) { frame(place).evaluate(flow, y) }
  func residuals(at place: Place) -> StateVector { frame(place).residuals }
  func evaluateKernel(at place: Place) { frame(place).evaluateKernel(flow) }
  func exchange(_ a: Place, _ b: Place) { frames.swapAt(a.rawValue, b.rawValue) }

  func operands(at place: Place) -> KernelOperands { frame(place).operands }

  func move(_ y: StateVector, early: StateVector, late: StateVector?, into y1: StateVector) {
    y1.pointer.update(from: y.pointer, count: y.count)
    frame(.start).shift(flow, y1, by: early)
    if let late { frame(.stage).shift(flow, y1, by: late) }
  }

  func largestRate() throws -> Double {
    try largestRate(order: flow.values.order)
  }
}

extension ArchitectureFlow: ResidualDriven {
  /// The largest `n c` whose kernels are formed: ten matrices of this order are held.
  public static var largestResidualCount: Int { TwoLayerFlow.largestResidualCount }

  public var residualRefusal: String? {
    let count = data.targets.count
    return count <= Self.largestResidualCount
      ? nil
      : "kernels of \(count) outputs at the samples are too large; at most \(Self.largestResidualCount) are possible"
  }

  /// What a place holds: a state, and with its memory for the evaluation about as much again; a kernel, and two or three
  /// matrices of that size for what solves with it.
  public var residualMemory: (flow: Double, place: Double) {
    Self.residualMemory(dimension: dimension, count: data.targets.count)
  }

  /// ``residualMemory`` of a flow that is not made, with a state of `dimension` numbers and `count` outputs at the samples.
  package static func residualMemory(dimension: Int, count: Int) -> (flow: Double, place: Double) {
    let (state, count) = (Double(dimension), Double(count))
    let place = 8 * (2 * state + count * count)
    let propagator = 8 * 3 * count * count
    return (3 * place + 2 * propagator, place + propagator)
  }

  /// The layers.
  public var residualBlocks: [Range<Int>] {
    (1...architecture.layerCount).map { layer in
      let own = architecture.blocks.filter { $0.layer == layer }
      return own.first!.range.lowerBound..<own.last!.range.upperBound
    }
  }

  /// Units with kinks are followed along them where samples are few, see `UnitMotion`.
  public func makeResidualFlow() throws -> any ResidualFlow {
    if let network = architecture as? DeepNetwork, data.sampleCount <= CDEEP_MAX_STREAMED,
      network.activations.contains(where: { $0.slopes != nil && !$0.kinks.isEmpty })
    {
      return try LowRankResidualFlow(LowRankFlow(keepingAllOf: self, network))
    }
    return try ArchitectureResidualFlow(self)
  }
}

extension KernelResidualFlow {
  /// The largest eigenvalue of `H^(1/2) K H^(1/2)` at the start of a step.
  func largestRate(order: Int) throws -> Double {
    let operands = operands(at: .start)
    let roots = CurvatureRoots(count: count, order: order)
    roots.set(operands.curvatures, mean: nil)
    var matrix = [Double](repeating: 0, count: count * count)
    matrix.withUnsafeMutableBufferPointer { roots.scale(operands.kernel, mean: nil, into: $0.baseAddress!) }
    for i in 0..<count { for j in 0..<i { matrix[j * count + i] = matrix[i * count + j] } }
    return try largestEigenvalue(matrix, count: count)
  }
}
