import DeepNetworks
import GradientFlow
import ODECore
import StatisticalInference

/// `loss-decay` of networks of any architecture: the late rate of decay of the risk, fitted to the recorded `(t, R)` and, for the
/// squared loss, predicted from the kernel `K = (1/n) J M J^T` at the end, `2 lambda_min(K)`, as `f' = -K e`. Units that rest at a kink of their
/// activation are not told from others: with these the rate tends to a smaller one.
///
/// - Columns: none.
/// - Summary: `rate`, `rSquared`, `windowStart`, `windowEnd`, `points`, `window`, `initial`, `final` as ``LossDecay`` has them; `ratePredicted` (null for other
///   losses, more than 1000 outputs at the samples, and changes kept as factors of more than 2e7 parameters).
final class ArchitectureLossDecay: Observer {
  let name = "loss-decay"
  let acceptsReducedCoordinates = true
  private var (times, losses) = ([Double](), [Double]())

  var memory: [Double] {
    get { times + losses }
    set {
      times = Array(newValue.prefix(newValue.count / 2))
      losses = Array(newValue.suffix(newValue.count / 2))
    }
  }

  func begin(_ moment: Moment) { (times, losses) = ([], []) }

  func record(_ moment: Moment) -> [Double] {
    times.append(moment.time)
    losses.append(moment.architecture!.loss)
    return []
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    let fit = DecayFit(times: times, values: losses)
    return [
      "rate": .number(fit?.rate ?? .nan), "ratePredicted": .number(predicted(moment)),
      "rSquared": .number(fit?.rSquared ?? .nan), "windowStart": .number(fit?.start ?? .nan),
      "windowEnd": .number(fit?.end ?? .nan), "points": .integer(fit?.points ?? 0),
      "window": .text(fit?.rule.rawValue ?? "too few records"), "initial": .number(losses.first ?? .nan),
      "final": .number(moment.architecture!.loss),
    ]
  }

  private func predicted(_ moment: Moment) -> Double {
    let network = moment.architecture!
    let (flow, rows) = (network.flow, network.flow.data.targets.count)
    guard flow.loss.isSquared, rows <= LossDecay.largestEigenproblem,
      network.lowRank == nil || flow.dimension <= Self.mostParameters
    else { return .nan }
    let kernel = network.withParameters { flow.kernel($0) }
    // One that is not finite is that of a run that has failed, and says so itself.
    return (try? symmetricEigenvalues(kernel, count: rows)).map { 2 * $0[0] } ?? .nan
  }

  /// Beyond so many a copy of the whole state is not made for one number.
  private static let mostParameters = 20_000_000
}
