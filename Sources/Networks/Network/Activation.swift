/// An activation function `sigma`, elementwise on blocks.
///
/// Requirements on a conformer, checked by `ODETestKit.ActivationConformance`:
/// - `derivative` is the derivative of `value` and `secondDerivative` that of `derivative`, away from
///   ``kinks``;
/// - each output element depends on the input element of the same index only;
/// - blocks of any length, 0 included, are accepted.
public protocol Activation: Sendable {
  /// The name on the command line and in records, with parameters if there are any: `leaky-relu:0.1`.
  var name: String { get }

  /// `p` such that `sigma(c z) = c^p sigma(z)` for all `c > 0`; `nil` if there is none.
  ///
  /// The conservation law (77) and the exact equivalence with the original model (7) need `p = 1`.
  var homogeneity: Int? { get }

  /// Where the derivative jumps, ascending; empty for a smooth function.
  var kinks: [Double] { get }

  /// The slopes, if `sigma` is linear on both sides of zero with `sigma(0) = 0`; the flow then uses a
  /// fused kernel and never calls ``evaluate(_:value:derivative:)``.
  var slopes: Slopes? { get }

  /// The whole function, if it is piecewise linear; follows from ``slopes`` where there are such. Integrators that
  /// follow neurons over kinks exactly need it.
  var pieces: PiecewiseLinear? { get }

  /// Writes `sigma(z)` and `sigma'(z)`; all three have the same length. At a kink `sigma'` is the
  /// left derivative (0 for ReLU at 0).
  func evaluate(
    _ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>)

  /// Writes `sigma''(z)`, 0 at kinks.
  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>)
}

extension Activation {
  public var homogeneity: Int? { nil }
  public var kinks: [Double] { [] }
  public var slopes: Slopes? { nil }
  public var pieces: PiecewiseLinear? { slopes.map { PiecewiseLinear($0) } }

  /// Whether `sigma(z) = max(z, 0)`, the activation of the paper's theorems, under whatever name.
  public var isReLU: Bool { slopes == .relu }
}

/// `sigma(z) = negative * min(z, 0) + positive * max(z, 0)`.
public struct Slopes: Equatable, Sendable {
  /// For `z <= 0`.
  public let negative: Double
  /// For `z > 0`.
  public let positive: Double

  /// - Parameters: the slopes of `sigma` below and above zero.
  public init(negative: Double, positive: Double) {
    self.negative = negative
    self.positive = positive
  }

  /// Those of `max(z, 0)`.
  public static let relu = Slopes(negative: 0, positive: 1)
}
