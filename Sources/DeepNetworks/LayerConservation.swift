import Networks
import ODECore

/// The law that generalises (77): for every unit `k` of hidden layer `l` of a network whose activations are 1-homogeneous, the exact flow
/// keeps
///
///     sum_out W_(l+1)[out, k]^2 / mu_(l+1)  -  (sum_in W_l[k, in]^2 + b_l[k]^2) / mu_l.
///
/// The defect of a unit is its change divided by the sum of the larger of each part's start and end: a number in [0, 1]. A
/// bias in a higher layer does not break it, as the activation is homogeneous in the unit's whole argument.
public final class LayerConservation {
  private let network: DeepNetwork
  private let mobilities: [Double]
  /// By hidden layer: `(out, in)` of each unit at the start.
  private let start: [(out: [Double], into: [Double])]

  /// - Parameter state: at the start.
  public convenience init(_ network: DeepNetwork, _ mobilities: [Double], _ state: Span<Double>) {
    self.init(network, mobilities, BlockSquares(network.blocks, state))
  }

  /// - Parameter squares: of the state at the start.
  public init(_ network: DeepNetwork, _ mobilities: [Double], _ squares: BlockSquares) {
    (self.network, self.mobilities) = (network, mobilities)
    start = Self.sums(network, mobilities, squares)
  }

  /// Whether the flow of such a network keeps it.
  public static func applies(to network: DeepNetwork) -> Bool { network.isHomogeneous }

  /// The largest defect of a state; NaN if it holds NaN.
  public func largestDefect(_ state: Span<Double>) -> Double {
    largestDefect(BlockSquares(network.blocks, state))
  }

  /// The same from the squares of a state.
  public func largestDefect(_ squares: BlockSquares) -> Double {
    var worst = 0.0
    for (before, now) in zip(start, Self.sums(network, mobilities, squares)) {
      for k in before.out.indices {
        let change = (now.out[k] - before.out[k]) - (now.into[k] - before.into[k])
        let size = max(now.out[k], before.out[k]) + max(now.into[k], before.into[k])
        let defect = abs(change) / max(size, .leastNormalMagnitude)
        if !(defect <= worst) { worst = defect }
        if worst.isNaN { return worst }
      }
    }
    return worst
  }

  private static func sums(
    _ network: DeepNetwork, _ mobilities: [Double], _ squares: BlockSquares
  ) -> [(out: [Double], into: [Double])] {
    let count = network.activations.count
    var result = (0..<count).map {
      (out: [Double](), into: [Double](repeating: 0, count: network.widths[$0 + 1]))
    }
    for (index, block) in network.blocks.enumerated() {
      let (l, factor) = (block.layer - 1, 1 / mobilities[block.layer - 1])
      if l < count {
        for (k, square) in squares.rows[index].enumerated() { result[l].into[k] += factor * square }
      }
      if l > 0, block.shape.count > 1 { result[l - 1].out = squares.columns[index].map { factor * $0 } }
    }
    return result
  }
}
