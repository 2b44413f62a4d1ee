import ODECore

/// A flow from one start, integrated in ``SpanCoordinates``, and the way back.
///
/// ```swift
/// let coordinates = try SpanCoordinates(flow.data)
/// if coordinates.pays {
///   let reduction = try SpanReduction(of: flow, from: start, coordinates)
///   let problem = try ODEProblem(reduction.flow, to: 10, initialState: reduction.initialState)
///   let solution = try integrate(problem, with: DormandPrince(rtol: 1e-6, atol: 1e-9))
///   let theta = reduction.ambient(solution.state.span)
/// }
/// ```
public struct SpanReduction {
  public let coordinates: SpanCoordinates
  /// The same flow in these coordinates.
  public let flow: TwoLayerFlow
  /// The start in these coordinates.
  public let initialState: [Double]
  private let ambientStart: [Double]

  /// - Parameters:
  ///   - start: the initial state in ambient coordinates.
  ///   - coordinates: of the data of `flow`.
  ///   - threads: see `TwoLayerFlow`.
  /// - Throws: what `TwoLayerFlow`'s initialiser throws.
  public init(
    of flow: TwoLayerFlow, from start: [Double], _ coordinates: SpanCoordinates, threads: Int? = nil
  ) throws {
    self.coordinates = coordinates
    self.flow = try TwoLayerFlow(
      width: flow.shape.width, data: coordinates.data, scaling: flow.scaling,
      activation: flow.activation, loss: flow.loss, threads: threads)
    initialState = coordinates.reduce(start, width: flow.shape.width, threads: flow.threads)
    ambientStart = start
  }

  /// The ambient state that belongs to `y`, to rounding; the start itself to the bit.
  public func ambient(_ y: Span<Double>) -> [Double] {
    let result = StateVector(count: ambientStart.count)
    lift(y, into: result)
    return result.array
  }

  /// The same, into memory that is used again.
  public func lift(_ y: Span<Double>, into result: StateVector) {
    coordinates.lift(
      y, from: ambientStart, initialState, width: flow.shape.width, threads: flow.threads, into: result)
  }
}
