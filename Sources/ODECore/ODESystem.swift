/// An initial value problem's right-hand side: `dy/dt = f(t, y)`, `y` in `R^N`.
///
/// A conformer says its size and evaluates `f`; everything else (Jacobian-vector
/// products, Newton solves, stability estimates) is optional and lives in the protocols of
/// `ODESystem+Capabilities.swift`.
///
/// ```swift
/// struct Oscillator: ODESystem {
///   let dimension = 2
///   func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
///     dy[0] = y[1]
///     dy[1] = -y[0]
///   }
/// }
/// ```
///
/// Requirements on a conformer:
/// - `derivative` is a function of `(t, y)` alone: the same arguments give the same bits.
/// - every component of `dy` is written; `y` is only read.
/// - it may throw; the integration then ends and the caller of ``integrate(_:with:observers:saving:options:)``
///   receives that very error.
///
/// `ODETestKit.SystemConformance` checks these requirements.
public protocol ODESystem {
  /// The number `N` of unknowns.
  var dimension: Int { get }

  /// Writes `f(t, y)` to `dy`; both have ``dimension`` elements.
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws
}

/// A right-hand side given by a closure.
///
/// ```swift
/// let decay = ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }
/// ```
public struct ClosureSystem: ODESystem {
  /// `(t, y, dy)`: writes `f(t, y)` to `dy`.
  public typealias Derivative = (Double, Span<Double>, inout MutableSpan<Double>) throws -> Void

  public let dimension: Int
  private let body: Derivative

  /// Wraps `body` as a system of `dimension` unknowns.
  public init(dimension: Int, _ body: @escaping Derivative) {
    self.dimension = dimension
    self.body = body
  }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    try body(t, y, &dy)
  }
}
