/// A system that knows the action of its Jacobian `J = df/dy`.
///
/// Matrix-free Newton-Krylov methods use it in place of difference quotients.
public protocol JacobianVectorProductProviding: ODESystem {
  /// Writes `J(t, y) v` to `jv`; all vectors have ``ODESystem/dimension`` elements.
  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>) throws
}

/// A system that knows its Jacobian as a dense matrix.
public protocol DenseJacobianProviding: ODESystem {
  /// Writes `J(t, y)` to `jacobian` in column-major order: element `(i, j)`, the derivative of
  /// `f_i` by `y_j`, at index `i + j * dimension`. The caller has zeroed it.
  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) throws
}

/// A system that may know that its Jacobian is banded.
public protocol BandStructured: ODESystem {
  /// `J_ij = df_i/dy_j` is zero unless `-upper <= i - j <= lower`; `nil`: not banded, or not known.
  var bandwidths: (lower: Int, upper: Int)? { get }
}

/// A system that may be partitioned into positions and momenta or velocities: `q' = g(t, p)`, `p' = f(t, q)`, with
/// `y = (q_0, ..., q_(N/2-1), p_0, ...)`.
public protocol Partitioned: ODESystem {
  /// Whether it is.
  var isPartitioned: Bool { get }
}

/// A system that can solve Newton's linear system `(I - gamma J) z = r` through its structure.
///
/// An implicit method calls `prepareNewton` when `(t, y)` or `gamma` changed enough, then
/// `solveNewton` any number of times.
///
/// Either may throw ``SingularNewtonSystem``: the method then tries again with a smaller step, that is
/// with a smaller `gamma`. Any other error ends the integration.
public protocol NewtonSystemSolving: ODESystem {
  /// How good the solutions are; ``NewtonSolution/exact`` unless the conformer says otherwise.
  var newtonSolution: NewtonSolution { get }

  /// Sets up `I - gamma J(t, y)`.
  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws

  /// Writes the solution of `(I - gamma J) z = r` to `z`, for the matrix last prepared.
  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws
}

extension NewtonSystemSolving {
  public var newtonSolution: NewtonSolution { .exact }
}

/// What a ``NewtonSystemSolving`` can give.
public enum NewtonSolution: Sendable, Equatable {
  /// Solutions up to rounding: Newton's iteration may use them as they are.
  case exact
  /// Solutions of a nearby system: a good preconditioner for an iterative solver.
  case approximate
  /// Too expensive for this problem's size: not to be called.
  case unavailable
}

/// `I - gamma J` is singular, or so nearly that a solution would be meaningless.
public struct SingularNewtonSystem: Error, Equatable, CustomStringConvertible {
  /// `t` at which it was prepared.
  public let time: Double
  /// The step size times a coefficient of the method, in units of time.
  public let gamma: Double
  /// Which part of the matrix is singular.
  public let part: String

  /// The matrix `I - gamma J` at `time` could not be factorised; `part` says which block of it.
  public init(time: Double, gamma: Double, part: String) {
    self.time = time
    self.gamma = gamma
    self.part = part
  }

  public var description: String {
    "I - gamma J is singular to working precision at t = \(time), gamma = \(gamma) (\(part))"
  }
}

/// A system that can tell that its solution has come to rest for good.
///
/// ``integrate(_:with:observers:saving:options:)`` asks now and then and ends the run with
/// ``ReturnCode/stationary``, unless ``IntegrationOptions/stopsAtRest`` is false. Nothing else of the run changes.
public protocol RestDetecting: ODESystem {
  /// Whether the solution through `(t, y)` stays within `tolerance`, relative, of `y` for ever. It must not be true
  /// merely because `f` is small: a solution that leaves a saddle is slow for very long.
  func isAtRest(_ t: Double, _ y: Span<Double>, tolerance: Double) throws -> Bool
}

/// A system that can bound the modulus of its Jacobian's largest eigenvalue.
///
/// Step sizes for fixed-step methods (`step: .automatic`), the first and the longest stable step of adaptive
/// ones and the number of stages of stabilised ones follow from it. An estimate that is much too large
/// costs steps in the same ratio.
public protocol SpectralRadiusEstimating: ODESystem {
  /// An estimate of `rho(J(t, y))`, in units of one over time; it should rather be too large.
  func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double
}
