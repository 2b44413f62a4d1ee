/// Where `S` changes its sign along gamma: one of the paper's stars.
public struct BoundaryPoint: Sendable, Equatable, Codable {
  /// `gamma'`, at which it lies.
  public let gammaPrime: Double
  /// The zero of `S` by linear interpolation between two neighbouring gamma.
  public let gamma: Double
  /// Its standard error, from those of the two slopes; `nil` if these have none.
  public let error: Double?
  /// `b` of `beta2 = m^-b`, of a sweep with families of the original model.
  public let betaExponent: Double?
  /// The other axes, as `key=value`.
  public let others: [String]
}

/// The boundary that slopes show.
public enum PhaseBoundary {
  /// Every passage of `S` from negative to positive along gamma, for each gamma' (and family) of `slopes`; between cells
  /// that are mixed there is none.
  ///
  /// Between `(g0, S0)` and `(g1, S1)`: `g = (g0 S1 - g1 S0) / (S1 - S0)`, whose derivatives to `S0` and `S1` are
  /// `-(g1 - g) / (S1 - S0)` and `-(g - g0) / (S1 - S0)`; the errors of the two add in squares.
  public static func points(_ slopes: [SweepSlope]) -> [BoundaryPoint] {
    zip(slopes, slopes.dropFirst()).compactMap { low, high in
      guard low.gammaPrime == high.gammaPrime, low.betaExponent == high.betaExponent,
        low.others == high.others,
        low.gamma < high.gamma, !low.isMixed, !high.isMixed
      else { return nil }
      let (s0, s1) = (low.fit.exponent, high.fit.exponent)
      guard s0 < 0, s1 >= 0 else { return nil }
      let gamma = (low.gamma * s1 - high.gamma * s0) / (s1 - s0)
      var error: Double?
      if let e0 = low.fit.exponentError, let e1 = high.fit.exponentError {
        let (d0, d1) = ((high.gamma - gamma) / (s1 - s0), (gamma - low.gamma) / (s1 - s0))
        error = (d0 * d0 * e0 * e0 + d1 * d1 * e1 * e1).squareRoot()
      }
      return BoundaryPoint(
        gammaPrime: low.gammaPrime, gamma: gamma, error: error, betaExponent: low.betaExponent,
        others: low.others)
    }
  }
}
