import ODECore

/// The network at one time, as observers see it. Valid only during the call that hands it over.
public final class FlowSnapshot: NetworkView {
  /// The flow itself: data, scaling, activation, Gram matrices.
  public let flow: TwoLayerFlow
  /// `t` of the normalised model.
  public private(set) var time = 0.0
  private var state: UnsafePointer<Double>
  private var forward: ForwardPass?
  /// Of the moment that is shown.
  private var stamp = 0

  /// A snapshot to be filled again and again by ``with(_:_:_:)``.
  public init(flow: TwoLayerFlow) {
    self.flow = flow
    state = UnsafePointer(bitPattern: 8)!
  }

  /// Calls `body` with the snapshot of `y` at time `t`.
  public func with<R>(_ t: Double, _ y: Span<Double>, _ body: (FlowSnapshot) throws -> R) rethrows -> R {
    precondition(y.count == flow.dimension)
    return try y.withUnsafeBufferPointer {
      time = t
      state = $0.baseAddress!
      forward = nil
      return try body(self)
    }
  }

  /// Shows the state of `moment`, unless it does so already.
  public func follow(_ moment: Moment) {
    if stamp == moment.stamp { return }
    stamp = moment.stamp
    time = moment.time
    forward = nil
    state = moment.withState { $0.withUnsafeBufferPointer { $0.baseAddress! } }
  }

  /// Size, scaling and activation.
  public var network: Network { flow.network }
  /// Inputs and targets.
  public var data: Samples { flow.data }

  /// `m`.
  public var width: Int { flow.shape.width }
  /// `d`, the bias coordinate included.
  public var inputDimension: Int { flow.shape.inputDimension }

  /// `a_k`, `k` from 0.
  public func a(_ k: Int) -> Double {
    precondition(k >= 0 && k < width)
    return state[k]
  }

  /// Coordinate `j` of `w_k`, both from 0.
  public func w(_ k: Int, _ j: Int) -> Double {
    precondition(k >= 0 && k < width && j >= 0 && j < inputDimension)
    return state[flow.shape.indexOfW(k, j)]
  }

  /// The whole state, laid out as ``/Networks/NetworkShape`` says.
  public func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    let buffer = UnsafeBufferPointer(start: state, count: flow.dimension)
    return try body(buffer.span)
  }

  /// `R(theta)`, (10) for squared loss.
  public var loss: Double { pass.loss }
  /// `f(x_i)` at the `n` samples.
  public var predictions: [Double] { pass.predictions }
  /// `l'(f_i, y_i)`; for squared loss the residuals `e_i = f(x_i) - y_i`.
  public var residuals: [Double] { pass.residuals }

  private var pass: ForwardPass {
    if let forward { return forward }
    let pass = withState { flow.forward($0) }
    forward = pass
    return pass
  }
}
