import DeepNetworks
import Foundation
import GradientFlow
import ODECore
import StatisticalInference

/// `loss-decay`: the late rate of decay of the risk, fitted to the recorded `(t, R)` and, for the
/// squared loss, predicted from the Gram matrix at the end of the run:
///
///     R ~ exp(c - rate t),      ratePredicted = 2 (m/n) lambda_min(G)
///
/// since `e' = -(m/n) G e` and `R = |e|^2 / (2n)` (10), (32). The prediction is what the rate tends
/// to when `G` has settled and `e` has a part along the eigenvector of `lambda_min`, for a smooth
/// activation. With ReLU some neurons come to rest at a kink, `w_k . x_i = 0`, and slide along it: `G` by
/// one-sided derivatives then promises too much, and `rateSliding`, from the matrix of the sliding flow
/// (``SlidingGram``), is what the rate tends to. How the fit's
/// window is chosen is ``DecayFit``'s affair; it needs four records or more.
///
/// - Columns: none; every trajectory has `loss`.
/// - Summary: `rate`, `rSquared`, `windowStart`, `windowEnd` (times), `points` in the window,
///   `window` (the rule that chose it), `initial`, `final` (the risks), `ratePredicted`: null for
///   other losses or for more than `n = 1000` samples, where the eigenproblem would cost too much;
///   `rateSliding` (null also if `m n d` exceeds `4e9`) and `slidingNeurons`: equal to `ratePredicted`
///   and 0 if the activation is not piecewise linear.
public final class LossDecay: FlowObserver {
  public let name = "loss-decay"
  public let needsGradientFlow = true
  public let isRotationInvariant = true
  /// The largest `n` whose eigenvalues are computed.
  public static let largestEigenproblem = 1000

  private var times: [Double] = []
  private var losses: [Double] = []

  /// The observer has no parameters.
  public init() {}

  /// Networks of any depth have an observer of their own under this name.
  public func specialised(for problem: ODEProblem) -> any Observer {
    problem.system is ArchitectureFlow ? ArchitectureLossDecay() : self
  }

  /// The records so far: the times, then the risks.
  public var memory: [Double] {
    get { times + losses }
    set {
      times = Array(newValue.prefix(newValue.count / 2))
      losses = Array(newValue.suffix(newValue.count / 2))
    }
  }

  public func begin(_ snapshot: FlowSnapshot) {
    times = []
    losses = []
  }

  public func record(_ snapshot: FlowSnapshot) -> [Double] {
    times.append(snapshot.time)
    losses.append(snapshot.loss)
    return []
  }

  public func finish(_ snapshot: FlowSnapshot) throws -> [String: ObservedValue] {
    let fit = DecayFit(times: times, values: losses)
    let prediction = try predict(snapshot)
    return [
      "rate": .number(fit?.rate ?? .nan),
      "ratePredicted": .number(prediction.rate),
      "rateSliding": .number(prediction.sliding),
      "applies": .text(
        prediction.rate.isNaN
          ? "no prediction"
          : prediction.held > 0
            ? "rateSliding, as \(prediction.held) neurons slide along kinks" : "ratePredicted"
      ),
      "slidingNeurons": .integer(prediction.held),
      "rSquared": .number(fit?.rSquared ?? .nan),
      "windowStart": .number(fit?.start ?? .nan),
      "windowEnd": .number(fit?.end ?? .nan),
      "points": .integer(fit?.points ?? 0),
      "window": .text(fit?.rule.rawValue ?? "too few records"),
      "initial": .number(losses.first ?? .nan),
      "final": .number(snapshot.loss),
    ]
  }

  /// The most multiplications `m n d` spent on finding neurons at kinks.
  private static let largestSearch = 4e9

  private func predict(
    _ snapshot: FlowSnapshot
  ) throws -> (rate: Double, sliding: Double, held: Int) {
    let flow = snapshot.flow
    let n = flow.data.sampleCount
    guard flow.loss.isSquared, n <= Self.largestEigenproblem else { return (.nan, .nan, 0) }
    let factor = Double(flow.shape.width) / Double(n)
    do {
      let gram = try snapshot.withState { try flow.gramMatrix($0).sum }
      let rate = factor * (try symmetricEigenvalues(gram, count: n))[0]
      guard let slopes = flow.activation.slopes, slopes.negative != slopes.positive, rate > 0 else {
        return (2 * rate, 2 * rate, 0)
      }
      guard Double(n) * Double(flow.dimension) <= Self.largestSearch else {
        return (2 * rate, .nan, 0)
      }
      let sliding = SlidingGram(snapshot, plain: gram, slopes: slopes, rate: rate)
      let slower = try symmetricEigenvalues(sliding.matrix, count: n)[0]
      return (2 * rate, 2 * factor * slower, sliding.heldNeurons)
    } catch EigenvalueError.nonFinite {
      // The run has failed, and says so itself.
      return (.nan, .nan, 0)
    }
  }
}
