import Networks

/// The start of a ``DeepNetwork``: all weights and biases `N(0, 1)`, or, for the original model, scaled by layer.
///
/// The numbers are drawn in the order of the state: with `rng = numpy.random.default_rng(seed)` it is
/// `rng.standard_normal(N)`, bit for bit.
public struct DeepStart: Equatable, Sendable {
  /// That of NumPy's `default_rng(seed)`.
  public let seed: UInt64
  /// Whether the network consists of two halves of opposite output, so that `f = 0` at the start. Units `k` and `k + m_l/2` of each
  /// hidden layer have the same weights from the inputs and from their own half, and none from the other half; their output
  /// weights are opposite. For two layers this is antisymmetric initialisation (ASI). For more, half of each weight matrix
  /// between hidden layers starts at zero: another start than the Gaussian one, where ``ArchitectureFlow/centred(at:)`` keeps
  /// that.
  public let isAntisymmetric: Bool

  /// A seed, and whether the output is zero by antisymmetry.
  public init(seed: UInt64, isAntisymmetric: Bool = false) {
    (self.seed, self.isAntisymmetric) = (seed, isAntisymmetric)
  }

  /// The state vector.
  ///
  /// - Throws: ``/Networks/GaussianStartError`` for an antisymmetric start with an odd hidden width.
  public func state(for network: DeepNetwork) throws -> [Double] {
    var generator = PCG64(seed: seed)
    guard isAntisymmetric else { return (0..<network.parameterCount).map { _ in generator.nextNormal() } }
    if let odd = network.widths.dropFirst().dropLast().first(where: { !$0.isMultiple(of: 2) }) {
      throw GaussianStartError.oddWidth(odd)
    }
    let last = network.layerCount
    var state = [Double](repeating: 0, count: network.parameterCount)
    for block in network.blocks {
      let (rows, columns) = (block.shape[0], block.shape.count > 1 ? block.shape[1] : 1)
      let isSplit = block.layer > 1 && block.shape.count > 1
      let (ownRows, ownColumns) = (block.layer == last ? rows : rows / 2, isSplit ? columns / 2 : columns)
      for k in 0..<ownRows {
        for j in 0..<ownColumns {
          let (value, at) = (generator.nextNormal(), block.range.lowerBound + k * columns + j)
          state[at] = value
          // The other half's, in the same place of its own rows and columns.
          let twin = at + (block.layer == last ? 0 : ownRows * columns) + (isSplit ? ownColumns : 0)
          state[twin] = block.layer == last ? -value : value
        }
      }
    }
    return state
  }
}
