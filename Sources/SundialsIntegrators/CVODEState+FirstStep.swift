import ODECore

extension CVODEState {
  /// Sets the size of the first step, and returns the `tout` that CVODE's first call is given.
  ///
  /// In this order: a restart's step; `initialStep`; `sqrt(rtol / 2) / rho` for a system that knows its spectral
  /// radius `rho`, since the local error of the first, first-order step is `h^2 |y''| / 2` and
  /// `|y''|` is at most about `rho^2 |y|`, so that this is half of what rtol allows; CVODE's estimate.
  ///
  /// CVODE's estimate takes 100 eps |tout| for the smallest step there is, which for a far `tout`
  /// is far too long (with 1e30 the first step fails). It is given ten times the time in which `f` changes
  /// the state by a tenth, from which its largest first step, a tenth of tout, is unchanged.
  ///
  /// - Throws: the error of the system's own functions.
  func prepareFirstStep(_ limit: Double) throws -> Double {
    let t0 = problem.initialTime
    let sign = problem.direction
    let distance = abs(limit - t0)
    let far = t0 + sign * (distance.isFinite ? distance : max(1, abs(t0)))

    if let h = restartStepSize ?? settings.initialStep {
      try setFirstStep(h)
      return far
    }
    if let system = problem.system as? any SpectralRadiusEstimating {
      let rho = try withState { try system.spectralRadius(t0, $0) }
      let h = (max(settings.rtol, 1e-12) / 2).squareRoot() / rho
      if rho > 0, h.isFinite {
        try setFirstStep(max(min(h, distance), 100 * t0.ulp))
        return far
      }
    }
    guard let scale = try timeScale() else { return far }
    return t0 + sign * min(distance, max(10 * scale, 1000 * t0.ulp))
  }

  /// `min_i (0.1 |y_i| + rtol |y_i| + atol_i) / |f_i|` at the start; nil if there is none.
  private func timeScale() throws -> Double? {
    try withScratch { y, scratch in
      ownEvaluations += 1
      try y.withSpan { y in
        try scratch.withMutableSpan { try problem.system.derivative(problem.initialTime, y, into: &$0) }
      }
      var scale = Double.infinity
      for i in 0..<y.count {
        let atol = settings.atols?[i] ?? settings.atol
        let size = (0.1 + settings.rtol) * abs(y.pointer[i]) + atol
        let ratio = size / abs(scratch.pointer[i])
        // min would pass a NaN on; CVODE meets it itself and names it.
        if ratio < scale { scale = ratio }
      }
      return scale.isFinite && scale > 0 ? scale : nil
    }
  }
}
