import ODECore

/// An ``/ODECore/Observer`` of networks only: it is handed the network, not the bare state vector.
///
/// ```swift
/// final class LargestNeuron: FlowObserver {
///   let name = "largest-neuron"
///   let columns = ["largestA"]
///   func record(_ s: FlowSnapshot) -> [Double] {
///     [(0..<s.width).map { abs(s.a($0)) }.max() ?? 0]
///   }
///   func finish(_ s: FlowSnapshot) -> [String: ObservedValue] { ["a": .number(record(s)[0])] }
/// }
/// ```
///
/// The calls are those of an ``/ODECore/Observer``, in the same order; a snapshot is valid only during the call. It
/// refuses problems that are no networks.
public protocol FlowObserver: Observer {
  /// Whether nothing that it looks at changes if all `x_i` and all `w_k` are turned together: inner products
  /// `w_k . x_i`, `x_i . x_j`, norms, `a_k`, and sums of these, but not coordinates of `w_k`, directions in the space
  /// of the inputs, or products `w_k . w_l` of two neurons.
  ///
  /// Then it accepts the coordinates of a run that is integrated in fewer (``SpanCoordinates``); a copy in the inputs'
  /// own coordinates costs `O(m d r)`.
  var isRotationInvariant: Bool { get }

  /// Whether what it says holds along the gradient flow only, and not under other dynamics.
  var needsGradientFlow: Bool { get }

  /// The run begins; see `Observer.begin(_:)`.
  func begin(_ snapshot: FlowSnapshot) throws
  /// A step was accepted; see `Observer.step(_:)`.
  func step(_ snapshot: FlowSnapshot) throws
  /// One value for each of the columns.
  func record(_ snapshot: FlowSnapshot) throws -> [Double]
  /// What goes into `summary.json` under the observer's name.
  func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue]
}

extension FlowObserver {
  public var isRotationInvariant: Bool { false }
  public var needsGradientFlow: Bool { false }
  /// Does nothing.
  public func begin(_ snapshot: FlowSnapshot) throws {}
  /// Does nothing.
  public func step(_ snapshot: FlowSnapshot) throws {}
  public func record(_ snapshot: FlowSnapshot) throws -> [Double] { [] }
  public func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] { [:] }

  public var acceptsReducedCoordinates: Bool { isRotationInvariant }
  public func refusal(of problem: ODEProblem) -> String? {
    guard problem.system is TwoLayerFlow else {
      return "it watches networks of two layers and one output, and this is none"
    }
    return needsGradientFlow && problem.mover != nil
      ? "what it says holds along the gradient flow, and this run has other dynamics" : nil
  }
  /// Hands the network over.
  public func begin(_ moment: Moment) throws { try begin(moment.flow!) }
  /// Hands the network over.
  public func step(_ moment: Moment) throws { try step(moment.flow!) }
  public func record(_ moment: Moment) throws -> [Double] { try record(moment.flow!) }
  public func finish(_ moment: Moment) throws -> [String: ObservedValue] { try finish(moment.flow!) }
}

extension Moment {
  /// The two-layer network and its flow; `nil` if the problem is another.
  public var flow: FlowSnapshot? { network as? FlowSnapshot }
}

extension TwoLayerFlow: NetworkFlow {
  public func makeView() -> any NetworkView { FlowSnapshot(flow: self) }
}
