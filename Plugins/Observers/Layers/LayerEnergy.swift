import DeepNetworks
import ODECore

/// `energy` of networks of any depth: the largest rise of `R` within an accepted step, which along the exact flow never rises.
///
/// - Columns: none.
/// - Summary: `maxRise`, relative; `maxRiseTime` (null if there is none); `monotone`: whether no rise is above `1e-12 R`,
///   or that of the targets' size where `R` is smaller than its rounding.
final class LayerEnergy: Observer {
  let name = "energy"
  let watchesSteps = true
  let acceptsReducedCoordinates = true
  private var (previous, maxRise, maxRiseTime, monotone) = (0.0, 0.0, Double.nan, true)

  var memory: [Double] {
    get { [previous, maxRise, maxRiseTime, monotone ? 1 : 0] }
    set {
      guard newValue.count == 4 else { return }
      (previous, maxRise, maxRiseTime, monotone) = (newValue[0], newValue[1], newValue[2], newValue[3] == 1)
    }
  }

  func begin(_ moment: Moment) {
    (previous, maxRise, maxRiseTime) = (moment.architecture!.loss, 0, .nan)
    monotone = !previous.isNaN
  }

  func step(_ moment: Moment) {
    let network = moment.architecture!
    let loss = network.loss
    defer { previous = loss }
    // Written so that NaN counts as a rise.
    if loss <= previous { return }
    let rise = loss - previous
    if !(rise / abs(previous) <= maxRise) { (maxRise, maxRiseTime) = (rise / abs(previous), moment.time) }
    let size = network.flow.data.targets.reduce(0) { max($0, abs($1)) }
    let slope = network.residuals.reduce(0) { $0 + abs($1) } / Double(network.flow.data.sampleCount)
    if monotone { monotone = rise <= 1e-12 * abs(previous) + 1e-13 * slope * max(size, 1) }
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    ["maxRise": .number(maxRise), "maxRiseTime": .number(maxRiseTime), "monotone": .flag(monotone)]
  }
}
