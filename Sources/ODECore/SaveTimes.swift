import Foundation

/// The times at which a solution is saved, besides its first and last, which always are.
public enum SaveTimes: Sendable, Equatable {
  /// Only the first and the last.
  case endpoints
  /// The end of every accepted step.
  case everyStep
  /// Exactly these, in the direction of integration.
  case list([Double])
  /// `t_0 + k * spacing`, `spacing > 0`, in the direction of integration.
  case linear(spacing: Double)
  /// `t_0 + 10^(k / perDecade)` for all integers `k` from `first` on: a logarithmic axis.
  case geometric(first: Double, perDecade: Int)

  /// The first requested time strictly after `t` when starting from `t0` in direction `sign`.
  func next(after t: Double, from t0: Double, sign: Double) -> Double? {
    switch self {
    case .endpoints, .everyStep:
      return nil
    case .list(let times):
      return times.lazy.filter { ($0 - t) * sign > 0 }.min { ($0 - $1) * sign < 0 }
    case .linear(let spacing):
      var k = ((t - t0) * sign / spacing).rounded(.down)
      while k * spacing <= (t - t0) * sign { k += 1 }
      return t0 + sign * k * spacing
    case .geometric(let first, let perDecade):
      let n = Double(perDecade)
      func time(_ k: Double) -> Double { t0 + sign * pow(10, k / n) }
      let lowest = (log10(first) * n).rounded(.up)
      let elapsed = (t - t0) * sign
      var k = elapsed > 0 ? max(lowest, (log10(elapsed) * n).rounded(.down)) : lowest
      while (time(k) - t) * sign <= 0 { k += 1 }
      return time(k)
    }
  }
}
