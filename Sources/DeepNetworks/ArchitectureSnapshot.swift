import GradientFlow
import ODECore

/// The network of an ``ArchitectureFlow`` at one moment of a run. Valid only during the call that hands the
/// ``/ODECore/Moment`` over; what it computes it computes once, for all observers.
public final class ArchitectureSnapshot {
  /// The flow: architecture, data, mobilities, kernels.
  public let flow: ArchitectureFlow
  /// The same with the changes of large layers as factors, if the state shown is that one's.
  public let lowRank: LowRankFlow?
  private var stamp = 0
  private var state = UnsafeBufferPointer<Double>(start: nil, count: 0)
  private var pass: ForwardPass?
  private var knownSquares: BlockSquares?

  init(_ flow: ArchitectureFlow, _ lowRank: LowRankFlow? = nil) {
    (self.flow, self.lowRank) = (flow, lowRank)
  }

  fileprivate func follow(_ moment: Moment) {
    if stamp == moment.stamp { return }
    stamp = moment.stamp
    pass = nil
    knownSquares = nil
    state = moment.withState { $0.withUnsafeBufferPointer { $0 } }
  }

  /// `R`.
  public var loss: Double { forward.loss }
  /// `f(x_i)`, `n c` numbers.
  public var predictions: [Double] { forward.predictions }
  /// `l'`, `n c` numbers.
  public var residuals: [Double] { forward.residuals }

  /// The sums of squares of all blocks' rows and columns.
  public var squares: BlockSquares {
    if let knownSquares { return knownSquares }
    let result = lowRank?.squares(state.span) ?? BlockSquares(flow.architecture.blocks, state.span)
    knownSquares = result
    return result
  }

  /// Calls `body` with all parameters `theta`; with factors that makes a copy of them.
  public func withParameters<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    guard let lowRank else { return try body(state.span) }
    let theta = StateVector(count: flow.dimension)
    lowRank.lift(state.span, into: theta)
    return try theta.withSpan(body)
  }

  private var forward: ForwardPass {
    if let pass { return pass }
    let result = lowRank?.forward(state.span) ?? flow.forward(state.span)
    pass = result
    return result
  }
}

extension Moment {
  /// The network of any architecture at this moment; `nil` for other problems.
  public var architecture: ArchitectureSnapshot? {
    let lowRank = problem.system as? LowRankFlow
    guard let flow = lowRank?.flow ?? problem.system as? ArchitectureFlow else { return nil }
    let snapshot = attachment as? ArchitectureSnapshot ?? ArchitectureSnapshot(flow, lowRank)
    attachment = snapshot
    snapshot.follow(self)
    return snapshot
  }
}
