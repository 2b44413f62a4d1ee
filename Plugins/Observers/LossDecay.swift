import Foundation
import GradientFlow

/// `loss-decay`: the late rate of decay of the risk, fitted to the recorded `(t, R)` and, for the
/// squared loss, predicted from the Gram matrix at the end of the run:
///
///     R ~ exp(c - rate t),      ratePredicted = 2 (m/n) lambda_min(G)
///
/// since `e' = -(m/n) G e` and `R = |e|^2 / (2n)` (10), (32). The prediction is what the rate tends
/// to when `G` has settled and `e` has a part along the eigenvector of `lambda_min`. How the fit's
/// window is chosen is ``DecayFit``'s affair; it needs four records or more.
///
/// - Columns: `loss`.
/// - Summary: `rate`, `rSquared`, `windowStart`, `windowEnd` (times), `points` in the window,
///   `window` (the rule that chose it), `initial`, `final` (the risks), `ratePredicted`: null for
///   other losses or for more than `n = 1000` samples, where the eigenproblem would cost too much.
public final class LossDecay: FlowObserver {
  public let name = "loss-decay"
  public let columns = ["loss"]

  /// The largest `n` whose eigenvalues are computed.
  public static let largestEigenproblem = 1000

  private var times: [Double] = []
  private var losses: [Double] = []

  public init() {}

  public func begin(_ snapshot: FlowSnapshot) {
    times = []
    losses = []
  }

  public func record(_ snapshot: FlowSnapshot) -> [Double] {
    times.append(snapshot.time)
    losses.append(snapshot.loss)
    return [snapshot.loss]
  }

  public func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] {
    let fit = DecayFit(times: times, values: losses)
    return [
      "rate": .number(fit?.rate ?? .nan),
      "ratePredicted": .number(try predictedRate(snapshot)),
      "rSquared": .number(fit?.rSquared ?? .nan),
      "windowStart": .number(fit?.start ?? .nan),
      "windowEnd": .number(fit?.end ?? .nan),
      "points": .integer(fit?.points ?? 0),
      "window": .text(fit?.rule.rawValue ?? "too few records"),
      "initial": .number(losses.first ?? .nan),
      "final": .number(snapshot.loss),
    ]
  }

  private func predictedRate(_ snapshot: FlowSnapshot) throws -> Double {
    let flow = snapshot.flow
    let n = flow.data.sampleCount
    guard flow.loss.isSquared, n <= Self.largestEigenproblem else { return .nan }
    do {
      let eigenvalues = try snapshot.withState { try flow.gramMatrix($0).eigenvalues() }
      return 2 * Double(flow.shape.width) / Double(n) * eigenvalues[0]
    } catch EigenvalueError.nonFinite {
      // The run has failed, and says so itself.
      return .nan
    }
  }
}
