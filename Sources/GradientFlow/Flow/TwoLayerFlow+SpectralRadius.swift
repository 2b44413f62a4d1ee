import ODECore

extension TwoLayerFlow: SpectralRadiusEstimating {
  /// A bound on the modulus of the Jacobian's largest eigenvalue.
  ///
  /// `M^(-1/2) J M^(1/2) = -(P + B)` is symmetric: `P`, of rank `n`, has the nonzero eigenvalues of
  /// `(m/n) L^(1/2) G L^(1/2)`, `L = diag(l''_i)`; `B` is block-diagonal with a block for each neuron
  /// whose norm is at most
  ///
  ///     b_k = (kappa/n) ( s_k/2 + sqrt(s_k^2/4 + |g_k|^2) ),   g_k = sum_i l'_i sigma'_ki x_i,
  ///     s_k = kappa' |a_k| |sum_i l'_i sigma''_ki x_i x_i^T|_F.
  ///
  /// Hence `rho(J) <= (m/n) lambda_max(L^(1/2) G L^(1/2)) + max_k b_k`, which is what is returned. A
  /// piecewise-linear activation has `sigma'' = 0`; both parts are then exact and the sum is at most `3 rho`.
  /// Elsewhere `s_k` may be too large by `sqrt(d)`; for more than eight inputs it is
  /// `kappa' |a_k| sum_i |l'_i sigma''_ki| |x_i|^2`, too large by the ratio of `sum_i |l'_i|` to `|sum_i l'_i|`.
  /// The motion of neurons across kinks is no part of `J`.
  ///
  /// Costs a few right-hand sides: `O(m n (n + d))`. For many samples in few dimensions (`n > 512` and
  /// `n > 64 d`), and where a matrix of `n x n` is too large (`n > 4096`), power iteration with products `G v` by the
  /// flow's own passes replaces it; its last residual is added.
  ///
  /// - Throws: ``EigenvalueError`` if the state or the residuals are not finite; ``BLASError``.
  public func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double {
    precondition(y.count == dimension)
    let n = data.sampleCount
    return try y.withUnsafeBufferPointer { y in
      let theta = y.baseAddress!
      _ = evaluateLoss(theta)
      evaluateCurvatures()
      let largest = try largestRate(theta)
      let block = gramPasses.largestBlock(
        theta, weights: sampleValues.residuals.pointer, kappaPrime: scaling.kappaPrime)
      return largest + scaling.kappa / Double(n) * block
    }
  }

  /// `(m/n) lambda_max(L^(1/2) G L^(1/2))` with `G` at `theta`, after the passes' `outputs` there, and the
  /// curvatures `L` in ``sampleValues``.
  func largestRate(_ theta: UnsafePointer<Double>) throws -> Double {
    let (n, d) = (data.sampleCount, data.inputDimension)
    return n > Self.largestGram || n > 512 && n > 64 * d
      ? try largestRateByIteration(theta)
      : try largestRateOfGram(UnsafeBufferPointer(start: theta, count: dimension).span)
  }

  /// The same from the matrix; `|l''|` where a loss is not convex, which bounds it.
  private func largestRateOfGram(_ y: Span<Double>) throws -> Double {
    let n = data.sampleCount
    var matrix = try gramMatrix(y).sum
    let curvatures = sampleValues.curvatures.pointer
    let roots = (0..<n).map { abs(curvatures[$0]).squareRoot() }
    let factor = Double(shape.width) / Double(n)
    for i in 0..<n {
      for j in 0..<n { matrix[i * n + j] *= factor * roots[i] * roots[j] }
    }
    return try largestEigenvalue(matrix, count: n)
  }

  /// The same by power iteration, `(m/n) G v = -f'` in the direction `-(M grad)` that the weights `v` give.
  package func largestRateByIteration(_ theta: UnsafePointer<Double>) throws -> Double {
    let n = data.sampleCount
    let direction = StateVector(count: dimension)
    let (weights, image) = (StateVector(count: n), StateVector(count: n))
    let curvatures = sampleValues.curvatures.pointer
    let roots = (0..<n).map { abs(curvatures[$0]).squareRoot() }
    var v = [Double](repeating: 1 / Double(n).squareRoot(), count: n)
    var bound = 0.0
    for _ in 0..<Self.largestIterationCount {
      for i in 0..<n { weights.pointer[i] = roots[i] * v[i] }
      passes.gradient(theta, weights: weights.pointer, factors, into: direction.pointer)
      passes.outputsTangent(theta, direction: direction.pointer, into: image.pointer)
      let product = (0..<n).map { -scaling.kappa * roots[$0] * image.pointer[$0] }
      let norm = product.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard norm.isFinite else { throw EigenvalueError.nonFinite(row: 0, column: 0, value: norm) }
      if norm == 0 { return 0 }
      let quotient = (0..<n).reduce(0) { $0 + v[$1] * product[$1] }
      let residual = (0..<n).reduce(0) {
        let r = product[$1] - quotient * v[$1]
        return $0 + r * r
      }.squareRoot()
      bound = quotient + residual
      v = product.map { $0 / norm }
      if residual < 0.05 * quotient { break }
    }
    return bound
  }

  private static var largestIterationCount: Int { 40 }
  /// The largest `n` whose Gram matrix is made for its largest eigenvalue: four matrices of 134 MB.
  private static var largestGram: Int { 4096 }
}
