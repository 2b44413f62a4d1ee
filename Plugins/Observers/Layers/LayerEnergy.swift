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
  private var rise = LargestRise()

  var memory: [Double] {
    get { rise.memory }
    set { rise.memory = newValue }
  }

  func begin(_ moment: Moment) { rise.begin(moment.architecture!.loss) }

  func step(_ moment: Moment) {
    let network = moment.architecture!
    rise.step(network.loss, at: moment.time) { previous in
      let size = network.flow.data.targets.reduce(0) { max($0, abs($1)) }
      let slope = network.residuals.reduce(0) { $0 + abs($1) } / Double(network.flow.data.sampleCount)
      return 1e-12 * abs(previous) + 1e-13 * slope * max(size, 1)
    }
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] { rise.values }
}
