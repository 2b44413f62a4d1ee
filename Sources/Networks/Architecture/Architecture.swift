/// A function `f(x; theta)` of inputs `x` in `R^d` with `c` outputs and `N` parameters, whose training can be followed as a
/// flow: a fully connected network of any depth, a residual network, your own.
///
/// It knows neither data nor parameters: `theta` is a state vector, cut into named ``blocks``. All computation is done by an
/// ``ArchitectureEvaluation``. With these two types come the right-hand side, Jacobian-vector products, exponential
/// integrators, implicit ones without matrices, and the observers by layer (`ArchitectureFlow`).
///
/// Requirements on a conformer, checked by `ODETestKit.ArchitectureConformance`:
/// - ``blocks`` lie one after the other from 0 to `N`, and their layers count from 1 without a gap;
/// - what its evaluations give are derivatives of their outputs, wherever these are smooth.
public protocol Architecture: Sendable {
  /// As it appears in records.
  var name: String { get }
  /// `d`, the bias coordinate included.
  var inputDimension: Int { get }
  /// `c`.
  var outputCount: Int { get }
  /// The parts of `theta`, in order.
  var blocks: [ParameterBlock] { get }
  /// Whether `f` is piecewise polynomial in `theta` with kinks in between (ReLU and its like): methods of high order then
  /// gain nothing.
  var hasKinks: Bool { get }

  /// Memory and code to evaluate it at `inputs`, for one caller at a time.
  ///
  /// - Parameter threads: how many it may use; no result may depend on it.
  func makeEvaluation(at inputs: Inputs, threads: Int) throws -> any ArchitectureEvaluation
}

extension Architecture {
  /// `N`.
  public var parameterCount: Int { blocks.last?.range.upperBound ?? 0 }
  /// `L`, the number of layers of weights.
  public var layerCount: Int { blocks.map(\.layer).max() ?? 0 }
}

/// An ``Architecture`` at `n` inputs: outputs and their derivatives by `theta` at one state.
///
/// ``evaluate(_:outputs:)`` goes to a state; every other function is called with the same `theta`, unchanged, until
/// it is called again. With `J = df/dtheta`, `n c x N`; rows count samples first: output `q` of sample `i` is row `i c + q`.
///
/// `factors` holds one number for each of ``Architecture/blocks``: that part of the result is multiplied by it. A flow
/// passes its mobilities there, which costs nothing in the products.
public protocol ArchitectureEvaluation: AnyObject {
  /// Writes `f(x_i; theta)`, `n c` numbers.
  func evaluate(_ theta: Span<Double>, outputs f: inout MutableSpan<Double>)

  /// Writes `diag(factors) J^T r`, or adds it to `g`.
  ///
  /// - Parameters:
  ///   - r: `n c` numbers.
  ///   - g: `N` numbers.
  func gradient(
    _ theta: Span<Double>, weights r: Span<Double>, factors: [Double], adds: Bool,
    into g: inout MutableSpan<Double>)

  /// Writes `J v`, `n c` numbers.
  func tangent(_ theta: Span<Double>, direction v: Span<Double>, into df: inout MutableSpan<Double>)

  /// Writes the derivative of `diag(factors) J^T r` in the direction `v` that was last given to
  /// ``tangent(_:direction:into:)``, while `r` changes by `q`: `diag(factors) (J^T q + sum_j r_j (d^2 f_j/dtheta^2) v)`.
  func gradientTangent(
    _ theta: Span<Double>, direction v: Span<Double>, weights r: Span<Double>, weightsTangent q: Span<Double>,
    factors: [Double], into g: inout MutableSpan<Double>)

  /// Writes the lower triangle, or all, of the kernel `J diag(factors) J^T`, `n c x n c`, row-major.
  ///
  /// Unless a conformer knows better it is made of `n c` gradients and tangents.
  func kernel(_ theta: Span<Double>, factors: [Double], into k: inout MutableSpan<Double>)

  /// Whether ``gradient(_:weights:factors:adds:into:)`` needs no `theta` after ``kernel(_:factors:into:)``, as what it
  /// needs is remembered: the state may then be overwritten.
  var remembersState: Bool { get }
}

extension ArchitectureEvaluation {
  public var remembersState: Bool { false }

  public func kernel(_ theta: Span<Double>, factors: [Double], into k: inout MutableSpan<Double>) {
    var rows = 0
    while rows * rows < k.count { rows += 1 }
    var unit = [Double](repeating: 0, count: rows)
    var (direction, column) = ([Double](repeating: 0, count: theta.count), unit)
    for j in 0..<rows {
      unit[j] = 1
      var directionSpan = direction.mutableSpan
      gradient(theta, weights: unit.span, factors: factors, adds: false, into: &directionSpan)
      unit[j] = 0
      var columnSpan = column.mutableSpan
      tangent(theta, direction: direction.span, into: &columnSpan)
      for i in 0..<rows { k[i * rows + j] = column[i] }
    }
  }
}
