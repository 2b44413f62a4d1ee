import ODECore

/// A two-layer network's flow, for steps in the space of residuals.
final class NetworkResidualFlow: KernelResidualFlow {
  let count: Int
  private let flow: TwoLayerFlow
  private let passes: ResidualPasses
  private var frames: [ResidualFrame]
  /// The integrator's own vector, which it does not change while the flow is there.
  private var start: StateVector?
  let propagators: [KernelPropagator]

  init(_ flow: TwoLayerFlow) throws {
    try BLAS.check()
    self.flow = flow
    let n = flow.data.inputs.count
    count = n
    passes = ResidualPasses(
      flow.features, flow.network.scaling, threads: flow.threads)
    frames = (0..<3).map { _ in ResidualFrame(flow.features) }
    propagators = (0..<2).map { _ in KernelPropagator(count: n) }
  }

  private func frame(_ place: Place) -> ResidualFrame { frames[place.rawValue] }

  func evaluate(_ y: StateVector, at place: Place) {
    let frame = frame(place)
    if place == .start { start = y }
    let values = flow.sampleValues
    passes.evaluate(y.pointer, frame, outputs: values.predictions.pointer)
    _ = flow.evaluateSampleLosses()
    flow.evaluateCurvatures()
    frame.residuals.pointer.update(from: values.residuals.pointer, count: count)
    frame.curvatures.pointer.update(from: values.curvatures.pointer, count: count)
  }

  func residuals(at place: Place) -> StateVector { frame(place).residuals }

  func evaluateKernel(at place: Place) { passes.evaluateKernel(frame(place)) }

  func exchange(_ a: Place, _ b: Place) { frames.swapAt(a.rawValue, b.rawValue) }

  func operands(at place: Place) -> KernelOperands { frame(place).operands }

  func move(_ y: StateVector, early: StateVector, late: StateVector?, into y1: StateVector) {
    var terms = [(frame: frame(.start), impulse: early)]
    if let late { terms.append((frame(.stage), late)) }
    passes.move(y.pointer, by: terms, into: y1.pointer)
  }

  func largestRate() throws -> Double {
    guard let start else { preconditionFailure("largestRate before evaluate") }
    return try start.withSpan { try flow.spectralRadius(0, $0) }
  }
}

extension TwoLayerFlow: ResidualDriven {
  /// The largest `n` whose kernels are formed: ten `n x n` matrices are held.
  public static var largestResidualCount: Int { 8192 }

  public var residualMemory: (flow: Double, place: Double) {
    Self.residualMemory(
      width: shape.width, inputDimension: shape.inputDimension, sampleCount: data.inputs.count)
  }

  /// ``residualMemory`` of a flow that is not made: a place holds a value and a slope of each neuron at each sample (one of them for an activation that is linear on both sides of 0),
  /// and a kernel; what solves with kernels two matrices of that size, and a third where it needs all eigenvectors.
  package static func residualMemory(
    width: Int, inputDimension: Int, sampleCount: Int
  ) -> (flow: Double, place: Double) {
    let (m, n) = (Double(width), Double(sampleCount))
    let frame = 8 * (m + 2 * n * m + n * n)
    let propagator = 8 * 3 * n * n
    return (3 * frame + 8 * n * m + 2 * propagator, frame + propagator)
  }

  public var residualRefusal: String? {
    let n = data.sampleCount
    return n <= Self.largestResidualCount
      ? nil
      : "kernels of \(n) samples are too large; at most \(Self.largestResidualCount) are possible"
  }

  /// Output weights and input weights.
  public var residualBlocks: [Range<Int>] { [0..<shape.width, shape.width..<dimension] }

  public func makeResidualFlow() throws -> any ResidualFlow { try NetworkResidualFlow(self) }
}
