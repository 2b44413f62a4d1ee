import Networks
import ODECore

/// Where a state keeps its parts when the changes of large weight matrices are sums of outer products,
///
///     W_l = W_l(0) + sum_(q < r) u_q v_q^T,   r <= K.
///
/// Small layers stand as they are. A large one has `1 + K (m_l + m_(l-1))` numbers: `r`, then room for `K` rows `u_q`, then for
/// `K` rows `v_q`. What lies beyond `r` has no meaning.
struct LowRankLayout {
  /// A block of the network's parameters.
  enum Part {
    /// As it is, from this place on.
    case dense(at: Int)
    /// Factors: the places of `r`, of the rows `u`, of the rows `v`.
    case factors(rank: Int, u: Int, v: Int)
  }

  let network: DeepNetwork
  /// `K`.
  let capacity: Int
  /// One for each block.
  let parts: [Part]
  /// Numbers in a state.
  let count: Int
  /// The parts of a state that belong to one layer.
  let layers: [Range<Int>]

  /// Large are matrices between hidden layers with more than ``gain`` times the numbers of their factors.
  static let gain = 2

  /// - Parameter keepsAll: whether every matrix stands as it is, so that a state is `theta`.
  init(_ network: DeepNetwork, capacity: Int, keepsAll: Bool = false) {
    (self.network, self.capacity) = (network, capacity)
    var (parts, at, layers) = ([Part](), 0, [Range<Int>]())
    for block in network.blocks {
      let begin = at
      if !keepsAll, let length = Self.factorLength(block, network, capacity) {
        parts.append(.factors(rank: at, u: at + 1, v: at + 1 + capacity * block.shape[0]))
        at += length
      } else {
        parts.append(.dense(at: at))
        at += block.range.count
      }
      if layers.count < block.layer {
        layers.append(begin..<at)
      } else {
        layers[block.layer - 1] = layers[block.layer - 1].lowerBound..<at
      }
    }
    (self.parts, count, self.layers) = (parts, at, layers)
  }

  /// The numbers of a block's factors; `nil` if it is small.
  private static func factorLength(_ block: ParameterBlock, _ network: DeepNetwork, _ capacity: Int) -> Int? {
    guard block.layer > 1, block.layer < network.layerCount, block.shape.count == 2 else { return nil }
    let length = 1 + capacity * (block.shape[0] + block.shape[1])
    return block.range.count > gain * length ? length : nil
  }

  /// Whether some layer is large.
  var isWorthwhile: Bool { parts.contains { if case .factors = $0 { true } else { false } } }

  /// The state of the start, whose changes are zero.
  func start(_ theta: [Double]) -> [Double] {
    var state = [Double](repeating: 0, count: count)
    for (block, part) in zip(network.blocks, parts) {
      guard case .dense(let at) = part else { continue }
      for (i, from) in block.range.enumerated() { state[at + i] = theta[from] }
    }
    return state
  }
}
