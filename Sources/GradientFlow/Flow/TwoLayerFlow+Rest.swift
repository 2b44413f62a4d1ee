import ODECore

extension TwoLayerFlow: RestDetecting {
  /// Whether the flow is at rest: at a stable state up to rounding, or so close to a plateau of
  /// the risk that less than `tolerance` of the way is left.
  ///
  /// Costs about a right-hand side as long as the flow moves.
  public func isAtRest(_ t: Double, _ y: Span<Double>, tolerance: Double) throws -> Bool {
    precondition(y.count == dimension)
    return try y.withUnsafeBufferPointer { y in
      let theta = y.baseAddress!
      _ = evaluateLoss(theta)
      let l = sampleValues.residuals.pointer
      guard (0..<data.sampleCount).allSatisfy({ l[$0].isFinite }) else { return false }
      return try isAtRest(theta) || isOnPlateau(theta, tolerance: tolerance)
    }
  }

  /// Whether every force on every neuron is rounding.
  ///
  /// With `S_k = sum_i l'_i sigma_ki` and `F_k = sum_i l'_i sigma'_ki x_i`, (25) and (26) read `a_k' ~ S_k`,
  /// `w_k' ~ a_k F_k`. All `S_k` and `F_k` must be no more than what rounding makes of their terms. `F_k` counts
  /// whatever `a_k` is: a neuron however small on which something pulls will grow, which is how a flow leaves a
  /// saddle, if only after a long time. `-J` is then `P` of ``spectralRadius(_:_:)``, positive semidefinite for a
  /// convex loss, and the bends `kappa kappa' a_k sum_i l'_i sigma''_ki x_i x_i^T / n` of a smooth activation; they must
  /// not open a way down.
  ///
  /// The rounding of `l'_i` is that of `f_i`, `u l''_i kappa sum_k |a_k sigma_ki|`, and its own, `u |l'_i|`.
  private func isAtRest(_ theta: UnsafePointer<Double>) -> Bool {
    evaluateCurvatures()
    let n = data.sampleCount
    let (l, curvature) = (sampleValues.residuals.pointer, sampleValues.curvatures.pointer)
    guard (0..<n).allSatisfy({ curvature[$0] >= 0 }) else { return false }
    restPasses.absoluteOutputs(theta, into: sampleValues.tangents.pointer)
    let noise = rounding(of: l, Self.roundings)
    return restPasses.forcesVanish(theta, weights: l, noise: noise)
  }

  /// `count` units of rounding of each weight `l`, with `sum_k |a_k sigma_ki|` in `sampleValues.tangents`.
  func rounding(of l: UnsafePointer<Double>, _ count: Double) -> [Double] {
    let (curvature, outputs) = (sampleValues.curvatures.pointer, sampleValues.tangents.pointer)
    let unit = count * Double.ulpOfOne / 2
    return (0..<data.sampleCount).map {
      unit * (curvature[$0] * scaling.kappa * outputs[$0] + abs(l[$0]))
    }
  }

  /// Units of rounding that count as nothing. Explicit methods bring the forces on the four points down to one, BDF to
  /// some hundred.
  static var roundings: Double { 1000 }
}
