import DeepNetworks
import ODECore

/// `relative-distance` of networks of any depth: how far each layer is from where it started, ``/DeepNetworks/LayerDistances``.
///
/// - Columns: `rdW1`, ..., `rdWL`, `rdTheta`.
/// - Summary: `layers`, `theta` at the end; `supLayers`, `supTheta` over accepted steps and recorded times.
final class LayerDistance: Observer {
  let name = "relative-distance"
  let columns: [String]
  let watchesSteps = true
  let acceptsReducedCoordinates = true
  private var distances: LayerDistances?
  private var supremum: [Double]

  init(layers: Int) {
    columns = (1...layers).map { "rdW\($0)" } + ["rdTheta"]
    supremum = [Double](repeating: 0, count: layers + 1)
  }

  /// The suprema.
  var memory: [Double] {
    get { supremum }
    set { if newValue.count == supremum.count { supremum = newValue } }
  }

  func begin(_ moment: Moment) {
    let network = moment.architecture!
    // Where changes are factors, these tell the distances.
    distances = network.lowRank == nil ? moment.withState { LayerDistances($0, of: network.flow) } : nil
  }

  func step(_ moment: Moment) { _ = measure(moment) }
  func record(_ moment: Moment) -> [Double] { measure(moment) }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    let now = measure(moment)
    return [
      "layers": .numbers(now.dropLast()), "theta": .number(now.last!),
      "supLayers": .numbers(supremum.dropLast()), "supTheta": .number(supremum.last!),
    ]
  }

  private func measure(_ moment: Moment) -> [Double] {
    let lowRank = moment.architecture!.lowRank
    let now = moment.withState { state in
      guard let now = lowRank?.distances(state) ?? distances?(state) else {
        preconditionFailure("begin(_:) comes first")
      }
      return now
    }
    let all = now.layers + [now.theta]
    // A layer that starts at zero has none until it moves: NaN must not stick.
    supremum = zip(supremum, all).map { .maximum($0, $1) }
    return all
  }
}
