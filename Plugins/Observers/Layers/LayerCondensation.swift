import DeepNetworks
import Foundation
import GradientFlow
import ODECore

/// `condensation` of networks of any depth, by hidden layer: the orientations of the units' weights from the layer below, the rows of `W_l`, and of
/// those to the layer above, the columns of `W_(l+1)`, both weighted by the product of the two norms. Rows of the first layer stand for the
/// network, as the input weights of two layers do; ``Condensation`` says what is measured.
///
/// - Columns: `clusters`, `entropy`, `directions`, `topFraction` of the first layer's rows, as for two layers; the others are looked at in the beginning and in
///   the end only, since each look reads all parameters.
/// - Summary: as for two layers of the first layer's rows; `rowDirections`, `rowTop1` and `columnDirections`, `columnTop1` of every hidden layer (NaN
///   for columns of one number), with `initial` before them at the start.
final class LayerCondensation: Observer {
  let name = "condensation"
  let acceptsReducedCoordinates = true
  let columns = ["clusters", "entropy", "directions", "topFraction"]
  private let gauge: OrientationGauge
  private let layers: [HiddenUnits]
  private var initial: [Layer] = []

  private struct Layer {
    let rows: OrientationAnalysis
    /// `nil` for columns of one number.
    let columns: OrientationAnalysis?
  }

  init(_ gauge: OrientationGauge, _ network: DeepNetwork) {
    self.gauge = gauge
    layers = (1..<network.layerCount).map { HiddenUnits(network, layer: $0)! }
  }

  func refusal(of problem: ODEProblem) -> String? { problem.readsTooMuch }

  func begin(_ moment: Moment) { initial = analyse(moment) }

  func record(_ moment: Moment) -> [Double] {
    // The first layer stands at the front of a state, with factors, too; partners are the columns of the second.
    let partners = layers[0].norms(ofColumns: moment.architecture!.squares)
    let first = moment.withState { y in
      gauge.analyse(NeuronPicture(layers[0].rows, in: y, partners: partners), layers[0].rows, y)
    }
    return [Double(first.clusterCount), first.entropy, first.directions, first.top(1)]
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    var result: [String: ObservedValue] = [
      "threshold": .number(gauge.threshold), "share": .number(gauge.share),
    ]
    if layers[0].rows.dimension == 2 { result["resolution"] = .number(gauge.resolution) }
    for (all, prefix) in [(initial, "initial"), (analyse(moment), "")] {
      func add(_ name: String, _ value: ObservedValue) {
        result[prefix.isEmpty ? name : prefix + name.prefix(1).uppercased() + name.dropFirst()] = value
      }
      let first = all[0].rows
      add("clusters", .integer(first.clusterCount))
      add("entropy", .number(first.entropy))
      add("directions", .number(first.directions))
      for count in [1, 2, 4] { add("top\(count)", .number(first.top(count))) }
      add("rowDirections", .numbers(all.map(\.rows.directions)))
      add("rowTop1", .numbers(all.map { $0.rows.top(1) }))
      add("columnDirections", .numbers(all.map { $0.columns?.directions ?? .nan }))
      add("columnTop1", .numbers(all.map { $0.columns?.top(1) ?? .nan }))
    }
    return result
  }

  private func analyse(_ moment: Moment) -> [Layer] {
    moment.architecture!.withParameters { y in
      layers.map { layer in
        Layer(
          rows: gauge.analyse(layer.rowPicture(y), layer.rows, y),
          columns: layer.columns.dimension > 1
            ? gauge.analyse(layer.columnPicture(y), layer.columns, y) : nil)
      }
    }
  }
}
