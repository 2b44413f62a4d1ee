import CDeepKernels
import Foundation
import GradientFlow
import Networks
import ODECore

/// The flow of a ``DeepNetwork`` with wide hidden layers and few samples, integrated in few numbers.
///
/// Every motion changes `W_l` by `-(mu_l/n) p_l^T diag(e) a_(l-1)`, of rank `n` at most, so that `W_l(t) - W_l(0)` is a sum of few outer
/// products. The state holds these, see ``capacity(for:)``, and one copy of `W_l(0)` is shared: a step costs two streams of it forwards and two
/// backwards, whatever else is kept. When there is no room for the next terms the sum is rewritten with orthogonal ones (QR and SVD), and
/// what is below ``tolerance`` of it is left out, or more where there is no room otherwise; ``dropped`` adds up what was, a bound on the error.
///
/// Only steps in the space of residuals (`exponential`) respect this form: every other method adds states, and is
/// refused by ``derivative(_:_:into:)``.
public final class LowRankFlow: ODESystem {
  /// The same flow with all weights in its state.
  public let flow: ArchitectureFlow
  /// Its architecture.
  public let network: DeepNetwork
  /// What a compression may leave out, relative to the change of the layer.
  public let tolerance: Double
  /// Compressions so far, and the largest number of terms after one.
  public internal(set) var compressions = 0
  /// The most terms that a layer's change has had after a compression.
  public internal(set) var largestRank = 0
  /// Norms of what compressions left out, added up by layer: a bound on the error that they make in the weights.
  public internal(set) var dropped: [Double]

  let layout: LowRankLayout
  /// `theta(0)`.
  let base: StateVector
  let baseSquares: [Double]
  let evaluation: DeepEvaluation
  /// The state that ``forward(_:)`` was asked for last, and what it said.
  private let lastState: StateVector
  private var known: ForwardPass?
  /// By layer, from 1, where they are asked for again and again.
  var lifted: [Int: LiftedLayer] = [:]
  var hasLifted = false
  private let scratch: StateVector
  let gram: StateVector
  let rows: (u: StateVector, v: StateVector)

  /// `K`: room for terms; those of eight steps and as many again.
  public static func capacity(for data: Samples) -> Int { max(48, 24 * data.sampleCount) }

  /// Up to so many weights a copy of them is kept for the next look.
  static let mostLifted = 20_000_000

  /// Whether factors are smaller than the weights for such a network on these data.
  public static func isWorthwhile(_ network: DeepNetwork, _ data: Samples) -> Bool {
    data.sampleCount <= CDEEP_MAX_STREAMED
      && LowRankLayout(network, capacity: capacity(for: data)).isWorthwhile
  }

  /// - Parameters:
  ///   - flow: of a ``DeepNetwork``.
  ///   - start: `theta(0)`.
  ///   - tolerance: above 0; a hundredth of the integrator's is good.
  public convenience init(_ flow: ArchitectureFlow, from start: [Double], tolerance: Double) throws {
    guard let network = flow.architecture as? DeepNetwork else {
      preconditionFailure("low-rank changes are those of fully connected networks")
    }
    precondition(tolerance > 0 && start.count == flow.dimension)
    let layout = LowRankLayout(network, capacity: Self.capacity(for: flow.data))
    try self.init(flow, network, layout, from: start, tolerance)
  }

  /// All weights in the state, which is `theta`: for steps that follow units (``LowRankResidualFlow``).
  convenience init(keepingAllOf flow: ArchitectureFlow, _ network: DeepNetwork) throws {
    let layout = LowRankLayout(network, capacity: 0, keepsAll: true)
    try self.init(flow, network, layout, from: nil, 0)
  }

  private init(
    _ flow: ArchitectureFlow, _ network: DeepNetwork, _ layout: LowRankLayout, from start: [Double]?,
    _ tolerance: Double
  ) throws {
    (self.flow, self.network, self.layout, self.tolerance) = (flow, network, layout, tolerance)
    base = StateVector(start ?? [])
    baseSquares =
      start == nil
      ? []
      : flow.residualBlocks.map { [base] in
        cdeep_squares($0.count, base.pointer + $0.lowerBound, nil)
      }
    dropped = [Double](repeating: 0, count: network.layerCount)
    evaluation = try DeepEvaluation(network, at: flow.data.inputs, threads: flow.threads)
    let capacity = layout.capacity
    lastState = StateVector(count: layout.isWorthwhile ? layout.count : 0)
    scratch = StateVector(count: flow.data.targets.count * capacity)
    gram = StateVector(count: 2 * 4 * capacity * capacity)
    let widest = network.widths.max()!
    rows = (StateVector(count: 2 * capacity * widest), StateVector(count: 2 * capacity * widest))
  }

  /// The numbers of a state.
  public var dimension: Int { layout.count }

  /// The state at the start.
  public var initialState: [Double] { layout.start(base.array) }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    throw LowRankError()
  }

  func weights(_ y: UnsafePointer<Double>, _ evaluation: DeepEvaluation) -> LowRankWeights {
    LowRankWeights(evaluation, layout, base: base, y, scratch: scratch)
  }

  /// `R`.
  public func risk(_ y: Span<Double>) -> Double { forward(y).loss }

  /// `f`, `l'` and `R` at the samples. Remembers its last answer: events and observers ask for the same state one after the other.
  public func forward(_ y: Span<Double>) -> ForwardPass {
    precondition(y.count == dimension)
    return y.withUnsafeBufferPointer { y in
      let y = y.baseAddress!
      if let known, memcmp(y, lastState.pointer, lastState.count * MemoryLayout<Double>.stride) == 0 {
        return known
      }
      evaluation.propagate(weights(y, evaluation), into: flow.values.outputs.pointer)
      return remember(y, risk: flow.values.evaluate())
    }
  }

  /// Keeps what the flow's values say for the next ``forward(_:)``.
  @discardableResult
  func remember(_ y: UnsafePointer<Double>, risk: Double) -> ForwardPass {
    let pass = ForwardPass(
      predictions: flow.values.outputs.array, residuals: flow.values.residuals.array, loss: risk)
    lastState.pointer.update(from: y, count: lastState.count)
    known = lastState.count > 0 ? pass : nil
    return pass
  }
}

/// A method that adds states has been asked for where states are factors.
public struct LowRankError: Error, Equatable, CustomStringConvertible {
  public var description: String {
    "the changes of large layers are kept as factors, which only the integrator 'exponential' knows how to move"
  }
}
