import CDeepKernels
import Networks
import ODECore

/// What the weights are and how far they have moved, from the terms of a state.
extension LowRankFlow {
  /// `|W_l - W_l(0)|` of every layer.
  public func changes(_ y: Span<Double>) -> [Double] {
    y.withUnsafeBufferPointer { y in
      (0..<network.layerCount).map { squaredDistance(y.baseAddress!, nil, layer: $0).squareRoot() }
    }
  }

  /// How far each layer, and all parameters, are from where they started.
  public func distances(_ y: Span<Double>) -> (layers: [Double], theta: Double) {
    precondition(y.count == dimension)
    return y.withUnsafeBufferPointer { y in
      let moved = (0..<network.layerCount).map { squaredDistance(y.baseAddress!, nil, layer: $0) }
      let layers = zip(moved, baseSquares).map { ($0 / $1).squareRoot() }
      return (layers, (moved.reduce(0, +) / baseSquares.reduce(0, +)).squareRoot())
    }
  }

  /// The whole state `theta`.
  public func lift(_ y: Span<Double>, into theta: StateVector) {
    precondition(y.count == dimension && theta.count == base.count)
    prepareLifts()
    forEachBlock(y) { block, values, terms in
      let target = theta.pointer + block.range.lowerBound
      guard let terms else { return target.update(from: values, count: block.range.count) }
      if let lifted = lifted[block.layer] { return lifted.lift(terms, into: target) }
      evaluation.layers[block.layer - 1].add(terms.rank, terms.u, terms.v, to: terms.base, into: target)
    }
  }

  /// The sums of squares of the rows and columns of all weights.
  public func squares(_ y: Span<Double>) -> BlockSquares {
    precondition(y.count == dimension)
    prepareLifts()
    var result = BlockSquares()
    forEachBlock(y) { block, values, terms in
      guard let terms else { return result.append(block, values) }
      let (rows, columns) =
        lifted[block.layer]?.squares(terms)
        ?? evaluation.layers[block.layer - 1].squares(terms.rank, terms.u, terms.v, to: terms.base)
      result.rows.append(rows)
      result.columns.append(columns)
    }
    return result
  }

  /// The second time is the first of many.
  private func prepareLifts() {
    if hasLifted, lifted.isEmpty, base.count <= Self.mostLifted {
      for (block, part) in zip(network.blocks, layout.parts) {
        guard case .factors = part else { continue }
        lifted[block.layer] = LiftedLayer(evaluation.layers[block.layer - 1], capacity: layout.capacity)
      }
    }
    hasLifted = true
  }

  /// Calls `body` with each block, where it stands, and the terms of one that is kept as factors.
  private func forEachBlock(
    _ y: Span<Double>, _ body: (ParameterBlock, UnsafePointer<Double>, LiftedLayer.Terms?) -> Void
  ) {
    y.withUnsafeBufferPointer { y in
      let y = y.baseAddress!
      for (block, part) in zip(network.blocks, layout.parts) {
        switch part {
        case .dense(let at): body(block, y + at, nil)
        case .factors(let rank, let u, let v):
          let r = Int(y[rank])
          // All but what the last step's motion has added.
          let terms = LiftedLayer.Terms(
            base: base.pointer + block.range.lowerBound, rank: r, u: y + u, v: y + v,
            settled: max(0, r - 2 * evaluation.n))
          body(block, y, terms)
        }
      }
    }
  }

  /// `|W|` of a layer at the start.
  func baseNorm(layer: Int) -> Double { baseSquares[layer].squareRoot() }
}
