import ODECore

/// A flow from one start, the coordinates in which it is integrated, and the way back.
///
/// These are the inputs' own, or ``SpanCoordinates`` where the inputs span fewer dimensions. Whoever holds a run asks
/// here for what is integrated and for what the user means, and need not know which of the two it is:
///
/// ```swift
/// let representation = try FlowRepresentation(of: flow, from: start, in: SpanCoordinates(flow.data.inputs).ifWorthwhile)
/// let problem = try ODEProblem(
///   representation.integrated, to: 10, initialState: representation.integratedStart)
/// let solution = try integrate(problem, with: DormandPrince(rtol: 1e-6, atol: 1e-9))
/// let theta = representation.ambient(solution.state)
/// ```
public struct FlowRepresentation {
  /// The flow in the inputs' own coordinates.
  public let flow: TwoLayerFlow
  /// The start of ``flow``.
  public let initialState: [Double]
  /// What is integrated: ``flow`` itself where there is no reduction.
  public let integrated: TwoLayerFlow
  /// The start of ``integrated``: ``initialState`` itself where there is no reduction.
  public let integratedStart: [Double]
  /// The coordinates of ``integrated``; `nil` if they are the inputs' own.
  public let reduction: SpanCoordinates?

  /// - Parameters:
  ///   - start: the initial state of `flow`.
  ///   - reduction: coordinates of the inputs of `flow`, or `nil` for their own.
  ///   - threads: of the integrated flow, see ``TwoLayerFlow``.
  /// - Throws: what the initialiser of ``TwoLayerFlow`` throws.
  public init(
    of flow: TwoLayerFlow, from start: [Double], in reduction: SpanCoordinates? = nil, threads: Int? = nil
  ) throws {
    precondition(start.count == flow.dimension)
    (self.flow, initialState, self.reduction) = (flow, start, reduction)
    guard let reduction else {
      (integrated, integratedStart) = (flow, start)
      return
    }
    let network = Network(
      width: flow.shape.width, inputDimension: reduction.inputs.dimension, scaling: flow.scaling,
      activation: flow.activation)
    integrated = try TwoLayerFlow(
      network: network, data: Samples(inputs: reduction.inputs, targets: flow.data.targets), loss: flow.loss,
      threads: threads)
    integratedStart = reduction.reduce(start, width: flow.shape.width, threads: integrated.threads)
  }

  /// Whether ``integrated`` is another flow than ``flow``.
  public var isReduced: Bool { reduction != nil }

  /// The state of ``flow`` that belongs to the state `y` of ``integrated``, to rounding; the start itself to the bit.
  public func ambient(_ y: Span<Double>) -> [Double] {
    let result = StateVector(count: flow.dimension)
    lift(y, into: result)
    return result.array
  }

  /// The same; `y` itself, uncopied, where there is no reduction.
  public func ambient(_ y: [Double]) -> [Double] { isReduced ? ambient(y.span) : y }

  /// The same into memory that is used again.
  public func lift(_ y: Span<Double>, into result: StateVector) {
    precondition(y.count == integrated.dimension && result.count == flow.dimension)
    guard let reduction else {
      y.withUnsafeBufferPointer { result.pointer.update(from: $0.baseAddress!, count: $0.count) }
      return
    }
    reduction.lift(
      y, from: initialState, integratedStart, width: flow.shape.width, threads: integrated.threads,
      into: result)
  }

  /// Calls `body` with the state of ``flow`` that belongs to `y`: with `y` itself where there is no reduction, else with
  /// what ``lift(_:into:)`` writes to `scratch`, of ``flow``'s dimension.
  public func withAmbient<R>(
    _ y: Span<Double>, scratch: @autoclosure () -> StateVector, _ body: (Span<Double>) throws -> R
  ) rethrows -> R {
    guard isReduced else { return try body(y) }
    let scratch = scratch()
    lift(y, into: scratch)
    return try scratch.withSpan(body)
  }
}
