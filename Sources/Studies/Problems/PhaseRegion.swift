/// The regions of the phase diagram in `(gamma, gamma')` (14), divided finer than into linear and condensed: by which
/// layer moves.
public enum PhaseRegion: String, Codable, Sendable, CaseIterable {
  /// `gamma < 1`: no parameter moves far (Proposition 23).
  case thetaLazy = "theta-lazy"
  /// `1 <= gamma < 1 + gamma'`: the input weights do not move far, the output weights may (Proposition 25).
  case wLazy = "w-lazy"
  /// `gamma = 1` for `gamma' <= 0`, and `gamma' = gamma - 1` for `gamma' > 0`.
  case critical
  /// `|gamma'| < gamma - 1`, or `gamma' = 1 - gamma`.
  case condensed
  /// `gamma > 1`, `gamma' < 1 - gamma`: condensed, and the output weights do not move far (Proposition 26).
  case aLazy = "a-lazy"

  /// The region in which a place of the phase diagram lies.
  public init(gamma: Double, gammaPrime: Double) {
    let boundary = Self.boundaryW(gammaPrime: gammaPrime)
    if gamma < 1 {
      self = .thetaLazy
    } else if gamma <= boundary {
      self = gamma < boundary ? .wLazy : .critical
    } else {
      self = gamma < Self.boundaryA(gammaPrime: gammaPrime) ? .aLazy : .condensed
    }
  }

  /// The gamma where `RD(theta_w)` neither vanishes nor grows (Theorems 6 and 8).
  public static func boundaryW(gammaPrime: Double) -> Double { 1 + max(0, gammaPrime) }

  /// The same of `RD(theta_a)` (Appendix D, whose published figure shows `w` in place of `a`). Below gamma' = 0 it holds
  /// until `R` first comes to rest on a plateau only: docs/sweeps.md. Of all of `theta` it is gamma = 1.
  public static func boundaryA(gammaPrime: Double) -> Double { 1 + max(0, -gammaPrime) }

  /// Whether `sup RD(theta_w)` tends to 0 (20).
  public var isLinear: Bool { self == .thetaLazy || self == .wLazy }
  /// Whether `sup RD(theta_w)` tends to infinity (21).
  public var isCondensed: Bool { self == .condensed || self == .aLazy }
}

/// The exponents `S` of `RD ~ m^S` (19, Appendix D) that balance arguments give at one place of the phase diagram.
///
/// In the linear regime `Delta theta = J^+ e(0)`, with the pseudo-inverse of the Jacobian at the start, so that
/// `|Delta theta_a| ~ (1/kappa') kappa sqrt(m) z` and `|Delta theta_w| ~ kappa' kappa sqrt(m) z` with
/// `z ~ 1/(m kappa^2 max(kappa', 1/kappa'))`, against `|theta^0| ~ sqrt(m)`. In the condensed regime the end has
/// `kappa sum a_k |w_k| ~ 1` and, by (77), `kappa' |theta_a| ~ |theta_w|`, so that
/// `RD_w ~ sqrt(kappa'/(m kappa))` and `RD_a ~ 1/sqrt(m kappa kappa')`. In between, for `1 < gamma < 1 + gamma'`,
/// the output weights grow as far as `1/(m kappa)` and carry the input weights with them in proportion.
public struct ExpectedExponents: Equatable, Sendable {
  /// `S_w`, the slope of `log RD(theta_w)` over `log m` (19).
  public let w: Double
  /// `S_a`, likewise for the output weights.
  public let a: Double
  /// `S_theta`, likewise for all weights.
  public let theta: Double

  /// `nil` in the a-lazy region, where there is only a range, and on the borders between regions.
  public init?(gamma: Double, gammaPrime: Double) {
    switch PhaseRegion(gamma: gamma, gammaPrime: gammaPrime) {
    case .thetaLazy:
      w = gamma - 1 - 2 * max(gammaPrime, 0)
      a = gamma - 1 + 2 * min(gammaPrime, 0)
      theta = gamma - 1
    case .wLazy:
      w = 2 * (gamma - 1 - gammaPrime)
      a = gamma - 1
      theta = gamma - 1
    case .condensed where abs(gammaPrime) < gamma - 1:
      w = (gamma - 1 - gammaPrime) / 2
      a = (gamma - 1 + gammaPrime) / 2
      theta = (gamma - 1 + abs(gammaPrime)) / 2
    default: return nil
    }
  }
}
