import DeepNetworks
import GradientFlow
import ODECore

/// `spectrum`: the singular values `s_1 >= s_2 >= ...` of the change of each layer's weights, `W_l(t) - W_l(0)`, and its effective rank
/// `(sum s_i)^2 / sum s_i^2`.
///
/// The change of a layer has rank at most that of the flow's history; few values hold most of it. They come from `q = 32` random directions and two
/// power iterations (Halko, Martinsson, Tropp 2011, doi:10.1137/090771806), exact for changes of rank up to `q`; the effective rank is that of these
/// values.
///
/// - Columns: `rankW1`, ..., `rankWL`, the effective ranks (NaN for no change).
/// - Summary: `layers`, the effective ranks at the end; `W1`, ...: the largest values, relative to `|W_l(0)|`.
final class ChangeSpectrum: Observer {
  let name = "spectrum"
  let columns: [String]
  private var start: [Double] = []
  private let kept: Int

  init(layers: Int, kept: Int) {
    self.kept = kept
    columns = (1...max(layers, 1)).map { "rankW\($0)" }
  }

  func refusal(of problem: ODEProblem) -> String? {
    problem.system is ArchitectureFlow
      ? nil : "it watches networks with hidden layers (--hidden) or several outputs, and this is none"
  }

  func specialised(for problem: ODEProblem) -> any Observer {
    (problem.system as? ArchitectureFlow).map {
      ChangeSpectrum(layers: $0.architecture.layerCount, kept: kept)
    } ?? self
  }

  func begin(_ moment: Moment) {
    start = moment.withState { $0.withUnsafeBufferPointer { Array($0) } }
  }

  func record(_ moment: Moment) throws -> [Double] { try spectra(moment).map(Self.effectiveRank) }

  func finish(_ moment: Moment) throws -> [String: ObservedValue] {
    let all = try spectra(moment)
    var result: [String: ObservedValue] = ["layers": .numbers(all.map(Self.effectiveRank))]
    for (block, values) in zip(Self.weights(moment), all) {
      let size = block.range.reduce(0.0) { $0 + start[$1] * start[$1] }.squareRoot()
      result["W\(block.layer)"] = .numbers(values.prefix(kept).map { $0 / size })
    }
    return result
  }

  /// The first matrix of each layer.
  private static func weights(_ moment: Moment) -> [ParameterBlock] {
    let architecture = moment.architecture!.flow.architecture
    return (1...architecture.layerCount).map { layer in
      architecture.blocks.first { $0.layer == layer && $0.shape.count == 2 } ?? architecture.blocks.first {
        $0.layer == layer
      }!
    }
  }

  private func spectra(_ moment: Moment) throws -> [[Double]] {
    try Self.weights(moment).map { block in
      let change = moment.withState { y in block.range.map { y[$0] - start[$0] } }
      return try SingularValues.largest(
        of: change, rows: block.shape[0], columns: block.shape.count > 1 ? block.shape[1] : 1)
    }
  }

  private static func effectiveRank(_ values: [Double]) -> Double {
    let (sum, squares) = values.reduce((0, 0)) { ($0.0 + $1, $0.1 + $1 * $1) }
    return sum * sum / squares
  }
}
