/// The slopes `S_l` of `log RD(theta_l)` over `log m` that balance arguments give for networks of `L` layers of weights, equal hidden widths `m`,
/// a 1-homogeneous activation and `f = 0` at the start, `kappa = m^-gamma` and `mu_l = m^g_l` (docs/mathematics.md has the argument).
///
/// - Linear, `gamma < L/2`: `S_l = gamma - L/2 + g_l - g_max`.
/// - Condensed, `gamma > (L/2)(1 - g_l)` for every layer: `S_l = gamma/L + g_l/2 - 1/2`.
///
/// Layers between the first and the last have 1/2 less: they start larger.
public struct LayerExponents: Equatable, Sendable {
  /// First layer first.
  public let slopes: [Double]
  /// Whether these are those of the condensed regime.
  public let isCondensed: Bool

  /// `nil` on the border, and between where fast layers condense alone.
  public init?(gamma: Double, mobilityExponents g: [Double]) {
    let layers = Double(g.count)
    let (linear, condensed) = (gamma < layers / 2, g.allSatisfy { gamma > layers / 2 * (1 - $0) })
    guard linear != condensed, g.count > 1 else { return nil }
    isCondensed = condensed
    let fastest = g.max()!
    slopes = g.enumerated().map { l, own in
      let slope = condensed ? gamma / layers + own / 2 - 0.5 : gamma - layers / 2 + own - fastest
      return l == 0 || l == g.count - 1 ? slope : slope - 0.5
    }
  }
}
