/// The slopes `S_l` of `log RD(theta_l)` over `log m` that balance arguments give for networks of `L` layers of weights, equal hidden widths `m`,
/// a 1-homogeneous activation and `f = 0` at the start, `kappa = m^-gamma` and `mu_l = m^g_l`.
///
/// Every layer amplifies by `m^(1/2)` at the start, and moves by a matrix of rank one. Conservation makes
/// `|theta_l|^2/mu_l` grow alike, by `tau = m^T`. A layer whose change is small beside its own amplification, `mu_l tau < m`, moves in proportion to
/// `tau` and amplifies as before; one that outgrows it has the size `(mu_l tau)^(1/2)`: it has condensed. With `x_l = g_l + T - 1`
///
///     S_l = x_l where x_l <= 0,   S_l = x_l/2 where x_l > 0,   sum_l max(0, x_l) = 2 gamma - L,
///
/// the last because the outputs must become of size 1. For `gamma < L/2` no layer condenses, the outputs follow from the linearised flow, and
/// `S_l = gamma - L/2 + g_l - g_max`. Layers between the first and the last have 1/2 less: they start larger, with `m^2` weights.
///
/// For two layers these are the exponents of `ExpectedExponents` (module Studies) in all their regions; docs/mathematics.md has the argument.
public struct LayerExponents: Equatable, Sendable {
  /// `S_l`, first layer first.
  public let slopes: [Double]
  /// `S` of all parameters: that of the layer that moves most, beside the norm of all.
  public let theta: Double
  /// Which layers outgrow their start in the directions that they learn.
  public let condensed: [Bool]

  /// - Parameter g: the mobilities' exponents, first layer first, sum 0; two or more.
  public init(gamma: Double, mobilityExponents g: [Double]) {
    precondition(g.count > 1)
    let surplus = 2 * gamma - Double(g.count)
    let raised = Self.level(g, surplus)
    let places = g.map { $0 + raised }
    condensed = places.map { $0 > 0 }
    let ends = places.map { $0 > 0 ? $0 / 2 : $0 }
    slopes = ends.enumerated().map { Self.isBetween($0, g.count) ? $1 - 0.5 : $1 }
    theta = ends.max()! - (g.count > 2 ? 0.5 : 0)
  }

  /// The gamma at which `S_l` vanishes, `L/2 + (1/2) sum_k max(0, c + g_k - g_l)` with `c = 0` for the first and the last layer, 1 for those between.
  ///
  /// - Parameter l: from 1; `nil` for all parameters, which follow the fastest layer.
  public static func boundary(ofLayer l: Int?, mobilityExponents g: [Double]) -> Double {
    let own = l.map { g[$0 - 1] } ?? g.max()!
    let isLarge = l.map { isBetween($0 - 1, g.count) } ?? (g.count > 2)
    let excess = g.reduce(0) { $0 + max(0, (isLarge ? 1 : 0) + $1 - own) }
    return (Double(g.count) + excess) / 2
  }

  /// `T - 1`: where the parts of `g_l + T - 1` above zero add up to `surplus`, or, for a negative surplus, where the largest is half of it.
  private static func level(_ g: [Double], _ surplus: Double) -> Double {
    let sorted = g.sorted(by: >)
    if surplus <= 0 { return surplus / 2 - sorted[0] }
    var sum = 0.0
    for (count, next) in sorted.enumerated() {
      // The level of the first `count` layers leaves the next one below zero.
      if count > 0, (surplus - sum) / Double(count) + next <= 0 { return (surplus - sum) / Double(count) }
      sum += next
    }
    return (surplus - sum) / Double(g.count)
  }

  private static func isBetween(_ l: Int, _ count: Int) -> Bool { l > 0 && l < count - 1 }
}
