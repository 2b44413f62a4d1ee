/// A gradient flow in a constant diagonal metric,
///
///     y' = -M grad V(y),   M = diag(mu),   mu > 0,
///
/// so that `V` never rises: `dV/dt = -|y'|^2` in the norm of `M^-1`.
///
/// Its ``ODESystem/derivative(_:_:into:)`` is the force `-M grad V(y)`, whatever the time: other dynamics of the same `V`, with
/// friction, inertia or decay, are made of it.
public protocol GradientSystem: ODESystem {
  /// `V(y)`.
  func potential(_ y: Span<Double>) throws -> Double

  /// `mu`, constant on ranges that lie one after the other from 0 to ``ODESystem/dimension``.
  var mobilityBlocks: [(range: Range<Int>, mobility: Double)] { get }
}
