import ODECore

extension TwoLayerFlow {
  /// Whether the flow is about to come to rest where `R > 0`: squared loss, activation linear on both sides of 0.
  ///
  /// While no neuron crosses a kink, `e' = -(m/n) G e` with, close to rest, a constant `G`; so `e` tends to its
  /// projection `e_inf` on the kernel of `G`, and the state moves by the gradient with
  /// `int (e - e_inf) dt = (n/m) G^+ e` in place of `e`. The flow is on a plateau if
  /// - `e_inf` pushes no neuron, however small, beyond its rounding: then the plateau is no saddle;
  /// - no neuron moves by more than `tolerance` of itself on the way there, nor over a tenth of its way to a kink;
  /// - `R` falls by no more than `tolerance` of itself.
  ///
  /// `G` counts as singular only where its eigenvalues are rounding, so that a mode that decays slowly is not taken
  /// for one that stays; if others are smaller than ``leastRate`` times the largest no answer is given (false).
  func isOnPlateau(_ theta: UnsafePointer<Double>, tolerance: Double) throws -> Bool {
    let n = data.sampleCount
    let e = sampleValues.residuals.pointer
    guard loss.isSquared, activation.slopes != nil, n <= Self.largestPlateau else { return false }
    // Along a run this says no at the first neuron.
    let allowed = (0..<n).map { tolerance * abs(e[$0]) }
    guard restPasses.forcesVanish(theta, weights: e, noise: allowed),
      let limit = try residualLimit(UnsafeBufferPointer(start: theta, count: dimension).span)
    else { return false }
    let (size, way) = (norm(limit.residuals), norm(limit.decaying))
    guard way * way <= tolerance * size * size else { return false }
    let turn = 16 * Double.ulpOfOne / limit.leastRate * size
    let noise = rounding(of: limit.residuals, Self.roundings).map { $0 + turn }
    return restPasses.forcesVanish(theta, weights: limit.residuals, noise: noise)
      && staysNear(theta, weights: limit.integral, tolerance: tolerance)
  }

  private struct ResidualLimit {
    /// `e_inf`.
    let residuals: [Double]
    /// `e - e_inf`.
    let decaying: [Double]
    /// `int (e - e_inf) dt`.
    let integral: [Double]
    /// The least positive eigenvalue of `G`, relative to the largest.
    let leastRate: Double
  }

  private func residualLimit(_ y: Span<Double>) throws -> ResidualLimit? {
    let n = data.sampleCount
    let (values, vectors) = try symmetricEigenvectors(gramMatrix(y).sum, count: n)
    let largest = values[n - 1]
    let positive = values.filter { $0 > Double(8 * n) * .ulpOfOne * largest }
    guard largest > 0, let least = positive.first, least >= Self.leastRate * largest else { return nil }
    let e = sampleValues.residuals.array
    var (decaying, integral) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    for mode in (n - positive.count)..<n {
      let v = vectors[(mode * n)..<((mode + 1) * n)]
      let part = zip(v, e).reduce(0) { $0 + $1.0 * $1.1 }
      let time = Double(n) / (Double(shape.width) * values[mode])
      for (i, component) in v.enumerated() {
        decaying[i] += part * component
        integral[i] += part * component * time
      }
    }
    return ResidualLimit(
      residuals: zip(e, decaying).map { $0 - $1 }, decaying: decaying, integral: integral,
      leastRate: least / largest)
  }

  /// Whether a gradient with these weights moves every neuron by at most `tolerance` of itself, and none over more than
  /// a tenth of its way to a kink.
  private func staysNear(_ theta: UnsafePointer<Double>, weights: [Double], tolerance: Double) -> Bool {
    let (n, d, m) = (data.sampleCount, data.inputDimension, shape.width)
    let step = StateVector(count: dimension)
    passes.gradient(theta, weights: weights, factors, into: step.pointer)
    let way = UnsafePointer(step.pointer)
    return (0..<m).allSatisfy { k in
      var (moved, size) = (way[k] * way[k], theta[k] * theta[k])
      for j in 1...d {
        moved += way[j * m + k] * way[j * m + k]
        size += theta[j * m + k] * theta[j * m + k]
      }
      guard moved <= tolerance * tolerance * size else { return false }
      return (0..<n).allSatisfy { i in
        let x = data.input(i)
        var (shift, z) = (0.0, 0.0)
        for (j, value) in x.enumerated() {
          shift += way[(j + 1) * m + k] * value
          z += theta[(j + 1) * m + k] * value
        }
        return abs(shift) <= 0.1 * abs(z)
      }
    }
  }

  private func norm(_ v: [Double]) -> Double { v.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// See ``isOnPlateau(_:tolerance:)``.
  private static var leastRate: Double { 1e-6 }
  /// The largest `n` whose Gram matrix is decomposed for it.
  private static var largestPlateau: Int { 512 }
}
