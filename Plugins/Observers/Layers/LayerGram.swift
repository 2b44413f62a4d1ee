import DeepNetworks
import Foundation
import GradientFlow
import ODECore

/// `gram` of networks of any depth: the kernel `K = (1/n) J M J^T` along the run, `f' = -K l'`, and its parts of each layer, beside those of infinite
/// width (``/DeepNetworks/InfiniteWidthKernels``) at the start.
///
/// - Columns: `gramSmallest = lambda_min(K)`, `gramChange = |K - K(0)|_F`, `gramRate = (1/n) l'.K l' / R`, the `-d log R / dt` that `K` promises at that
///   moment (0 where `R = 0`), and `gramChangeW1`, ..., the same change of each layer's part.
/// - Summary: `smallestInitial`, `smallest` at the end, `supChange`, `supLayers` over the records; `shares`, the layers' parts of the trace
///   at the start; `limitDistance` and `limitDistances`, `|K(0) - K_inf|_F / |K_inf|_F` of the kernel and of each layer (NaN unless the network is fully
///   connected and starts with standard normal weights).
/// - Tables: `kernel`, `K` at the end, a row and a column for each output at each sample.
///
/// All are null for more than ``mostRows`` outputs at the samples.
final class LayerGram: Observer {
  let name = "gram"
  let columns: [String]
  static let mostRows = 200
  private let layers: Int
  private var start: [[Double]] = []
  private var last: [Double] = []
  /// Outputs at the samples; 0 for too many.
  private var rows = 0
  private var (smallestInitial, limits) = (Double.nan, [Double]())
  /// Of the kernel, then of each layer.
  private var suprema: [Double]

  init(layers: Int) {
    self.layers = layers
    suprema = [Double](repeating: 0, count: layers + 1)
    columns = ["gramSmallest", "gramChange", "gramRate"] + (1...layers).map { "gramChangeW\($0)" }
  }

  var memory: [Double] {
    get { suprema }
    set { if newValue.count == suprema.count { suprema = newValue } }
  }

  func begin(_ moment: Moment) throws {
    let flow = moment.architecture!.flow
    (start, last, rows) = ([], [], 0)
    suprema = [Double](repeating: 0, count: layers + 1)
    limits = [Double](repeating: .nan, count: layers + 1)
    guard flow.data.targets.count <= Self.mostRows else { return }
    start = kernels(moment)
    smallestInitial = smallest(start[0], flow)
    if let limit = try moment.withState({ try Self.limit(flow, $0) }) {
      limits = zip(start, limit).map { distance($0, $1) / distance($1, nil) }
    }
  }

  func record(_ moment: Moment) -> [Double] {
    guard !start.isEmpty else { return [Double](repeating: .nan, count: columns.count) }
    let network = moment.architecture!
    let now = kernels(moment)
    let changes = zip(now, start).map { distance($0, $1) }
    suprema = zip(suprema, changes).map { max($0, $1) }
    let (l, rows) = (network.residuals, network.flow.data.targets.count)
    let form = (0..<rows * rows).reduce(0) { $0 + l[$1 / rows] * now[0][$1] * l[$1 % rows] }
    let rate = network.loss > 0 ? form / Double(network.flow.data.sampleCount) / network.loss : 0
    return [smallest(now[0], network.flow), changes[0], rate] + changes.dropFirst()
  }

  func finish(_ moment: Moment) -> [String: ObservedValue] {
    guard !start.isEmpty else {
      return ["smallestInitial": .number(.nan), "smallest": .number(.nan)]
    }
    let flow = moment.architecture!.flow
    rows = flow.data.targets.count
    last = moment.withState { flow.kernel($0) }
    func trace(_ k: [Double]) -> Double { (0..<rows).reduce(0) { $0 + k[$1 * (rows + 1)] } }
    return [
      "smallestInitial": .number(smallestInitial),
      "smallest": .number(smallest(last, flow)),
      "supChange": .number(suprema[0]), "supLayers": .numbers(Array(suprema.dropFirst())),
      "shares": .numbers(start.dropFirst().map { trace($0) / trace(start[0]) }),
      "limitDistance": .number(limits[0]), "limitDistances": .numbers(Array(limits.dropFirst())),
    ]
  }

  var tables: [ObservedTable] {
    [
      ObservedTable(
        name: "kernel", columns: (0..<rows).map { "k\($0 + 1)" },
        rows: (0..<rows).map { Array(last[$0 * rows..<($0 + 1) * rows]) })
    ]
  }

  /// The kernel, then the part of each layer.
  private func kernels(_ moment: Moment) -> [[Double]] {
    let flow = moment.architecture!.flow
    return moment.withState { state in
      [flow.kernel(state)] + (1...layers).map { flow.kernel(state, layer: $0) }
    }
  }

  /// The same at infinite width; `nil` for a start that is no standard normal one.
  private static func limit(_ flow: ArchitectureFlow, _ state: Span<Double>) throws -> [[Double]]? {
    guard let network = flow.architecture as? DeepNetwork else { return nil }
    let isNormal = network.blocks.allSatisfy { block in
      let square = block.range.reduce(0) { $0 + state[$1] * state[$1] } / Double(block.range.count)
      // The variance of a mean of squares is 2/N.
      return abs(square - 1) < 6 * (2 / Double(block.range.count)).squareRoot()
    }
    guard isNormal else { return nil }
    let kernels = try InfiniteWidthKernels(
      of: network, at: flow.data.inputs, mobilities: flow.mobilities, tolerance: 1e-8)
    return ([kernels.sum] + kernels.layers).map {
      expanded($0, samples: kernels.count, outputs: network.outputCount)
    }
  }

  /// `K o 1`: each output alone.
  private static func expanded(_ kernel: [Double], samples n: Int, outputs c: Int) -> [Double] {
    let rows = n * c
    return (0..<rows * rows).map { place in
      let (i, j) = (place / rows, place % rows)
      return i % c == j % c ? kernel[i / c * n + j / c] : 0
    }
  }

  /// NaN if the run has failed, which says so itself.
  private func smallest(_ kernel: [Double], _ flow: ArchitectureFlow) -> Double {
    (try? symmetricEigenvalues(kernel, count: flow.data.targets.count)[0]) ?? .nan
  }

  /// In the Frobenius norm.
  private func distance(_ x: [Double], _ y: [Double]?) -> Double {
    guard let y else { return x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    return zip(x, y).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }
}
