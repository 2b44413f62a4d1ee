/// A system with its forward sensitivities `s_i = dy/dp_i` beside it: `y = (y, s_1, ..., s_m)`, each of `N` elements.
///
///     s_i' = J(t, y) s_i + df/dp_i
///
/// The right-hand side is had by one central difference in the direction of `(s_i, 1)`,
///
///     s_i' = (f(t, y + d s_i; p + d e_i) - f(t, y - d s_i; p - d e_i)) / (2 d)
///
/// as CVODES does, with two systems made for `p + d` and `p - d`, where `d` is the cube root of the rounding unit on the scale of `p_i`, so
/// that it is good to about ten digits.
///
/// Every method integrates it; CVODE's, as forward sensitivities, with the matrices of the system alone.
///
/// Source: Feehery, Tolsma, Barton, *Appl. Numer. Math.* 25 (1997) 41-54, doi:10.1016/S0168-9274(97)00050-0; Serban, Hindmarsh, *CVODES*
/// (2005), doi:10.1115/DETC2005-85597.
public final class SensitivitySystem: ODESystem {
  /// A parameter, or a component at the start, and the systems beside it.
  public struct Variation {
    /// What the columns are called after.
    public let name: String
    /// `|p_i|`, or 1 where that is 0.
    public let scale: Double
    /// `d`.
    public let step: Double
    /// The system at `p + d` and `p - d`.
    public let (above, below): (any ODESystem, any ODESystem)

    /// A variation from its parts.
    public init(name: String, scale: Double, step: Double, above: any ODESystem, below: any ODESystem) {
      (self.name, self.scale, self.step) = (name, scale, step)
      (self.above, self.below) = (above, below)
    }
  }

  /// The system alone.
  public let base: any ODESystem
  /// One for each block of sensitivities.
  public let variations: [Variation]
  public let dimension: Int

  private let count: Int
  private let point: StateVector
  private let value: StateVector
  private let other: StateVector

  /// The system with one block of sensitivities for each variation.
  public init(_ base: any ODESystem, _ variations: [Variation]) {
    (self.base, self.variations) = (base, variations)
    count = base.dimension
    dimension = count * (variations.count + 1)
    (point, value, other) = (StateVector(count: count), StateVector(count: count), StateVector(count: count))
  }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    let state = y.extracting(0..<count)
    for k in 0..<count { point.pointer[k] = state[k] }
    try point.withSpan { y in try value.withMutableSpan { try base.derivative(t, y, into: &$0) } }
    for k in 0..<count { dy[k] = value.pointer[k] }
    for i in variations.indices {
      let begin = (i + 1) * count
      try slope(i, t, state, y.extracting(begin..<begin + count)) { dy[begin + $0] = $1 }
    }
  }

  /// `s_i'`, element by element.
  public func slope(
    _ i: Int, _ t: Double, _ y: Span<Double>, _ s: Span<Double>, _ set: (Int, Double) -> Void
  ) throws {
    let variation = variations[i]
    let d = variation.step
    for k in 0..<count { point.pointer[k] = y[k] + d * s[k] }
    try point.withSpan { y in try value.withMutableSpan { try variation.above.derivative(t, y, into: &$0) } }
    for k in 0..<count { point.pointer[k] = y[k] - d * s[k] }
    try point.withSpan { y in try other.withMutableSpan { try variation.below.derivative(t, y, into: &$0) } }
    for k in 0..<count { set(k, (value.pointer[k] - other.pointer[k]) / (2 * d)) }
  }
}
