/// A system that can apply the phi functions of its stiff linear part `L`, frozen at a state.
///
/// Exponential integrators split `f(t, y) = f(t_n, y_n) + L (y - y_n) + N(t, y)` and take the linear part exactly, through
///
///     phi_0(z) = exp(z),   phi_(k+1)(z) = (phi_k(z) - 1/k!) / z,   phi_k(0) = 1/k!.
///
/// `L` need not be the Jacobian: what it lacks is left to `N`, and only what is stiff must be in it. Source: Hochbruck, Ostermann,
/// *Exponential integrators*, Acta Numerica 19 (2010) 209-286, doi:10.1017/S0962492910000048.
public protocol PhiFunctionProviding: ODESystem {
  /// Freezes `L` at `(t, y)`, for all later calls.
  func preparePhi(_ t: Double, _ y: Span<Double>) throws

  /// Writes `L v` to `result`.
  func applyLinearPart(_ v: Span<Double>, into result: inout MutableSpan<Double>) throws

  /// Writes `sum_k phi_k(h L) v_k`, `k = 0...p`, to `result`.
  ///
  /// - Parameters:
  ///   - vectors: `v_0, v_1, ..., v_p` one after the other, `(p + 1) N` numbers; a vector that is zero costs nothing.
  ///   - highest: `p`, at most 4.
  func applyPhi(
    h: Double, _ vectors: Span<Double>, highest: Int, into result: inout MutableSpan<Double>) throws
}

/// A flow that is driven by `n` residuals,
///
///     y' = -B(y) r(y),   r' = -S(y) r,   S = H K,   K = (df/dy) B,
///
/// such as the gradient flow of a network with `n` samples: `r = l'(f)`, `H = diag(l''(f))`, `B = (1/n) M (df/dy)^T`, so that `K` is
/// symmetric, `n x n` and positive semidefinite. All its stiffness is that of `S`.
public protocol ResidualDriven: ODESystem {
  /// Why steps in the space of residuals cannot be taken, in words; `nil` if they can.
  var residualRefusal: String? { get }

  /// Parts of the state whose change from the start is of interest, each for itself.
  var residualBlocks: [Range<Int>] { get }

  /// Bytes that ``makeResidualFlow()`` takes, and that one place in it does with what functions of its `S` need.
  var residualMemory: (flow: Double, place: Double) { get }

  /// Memory for steps in the space of residuals.
  func makeResidualFlow() throws -> any ResidualFlow
}

/// A ``ResidualDriven`` system at the beginning, at an inner stage and at the end of a step.
///
/// Each ``Place`` remembers the state at which it was evaluated, and what is needed to apply `B` there.
public protocol ResidualFlow: AnyObject {
  /// `n`.
  var count: Int { get }

  /// Evaluates the residuals at `y`.
  func evaluate(_ y: StateVector, at place: Place)
  /// Those last evaluated.
  func residuals(at place: Place) -> StateVector
  /// Evaluates `H` and `K` there, for ``prepare(_:h:)``.
  func evaluateKernel(at place: Place)
  /// Exchanges two places and all that they remember.
  func exchange(_ a: Place, _ b: Place)

  /// Makes ready the solution of `r' = -S r` over steps of length `h`, from the residuals at ``Place/start``: with `S` there, or with
  /// the mean of those at ``Place/start`` and ``Place/stage``.
  func prepare(_ operator: ResidualOperator, h: Double) throws
  /// Solves `r' = -S r` over `[0, tau]`, `tau <= h`.
  func propagate(_ operator: ResidualOperator, tau: Double, into path: ResidualMoments)
  /// Moves `y`, the state at ``Place/start``, by impulses of residuals: `y1 = y - B_start early - B_stage late`, or what follows from
  /// the flow's own structure with the same terms of first order; without `late`, `B_start` alone. An evaluation at `y1` that follows may use what the motion knows.
  func move(_ y: StateVector, early: StateVector, late: StateVector?, into y1: StateVector)

  /// As the last ``move(_:early:late:into:)``, to a time inside its step: what it found for the whole step may be used again.
  func moveInside(_ y: StateVector, early: StateVector, late: StateVector, into y1: StateVector)

  /// What is known at a place that its state does not tell, such as which units slide along kinks; for ``restore(_:at:)`` in a resumed run.
  func memory(at place: Place) -> [Double]
  /// Takes back what ``memory(at:)`` gave at that state, after ``evaluate(_:at:)``; returns false if it is another flow's.
  func restore(_ memory: [Double], at place: Place) -> Bool

  /// `|a - b|` over one of ``ResidualDriven/residualBlocks``, or `|a|` without `b`, of a flow whose states are not vectors of
  /// coordinates; `nil`, as unless a flow says otherwise, for the Euclidean norm of the numbers.
  func distance(_ a: StateVector, _ b: StateVector?, block: Int) -> Double?
  /// An estimate of the largest rate of change at ``Place/start``, in units of one over time, after ``evaluateKernel(at:)``.
  func largestRate() throws -> Double
  /// What ``prepare(_:h:)`` cost so far.
  var linearCounters: (setups: Int, iterations: Int) { get }
}

extension ResidualFlow {
  public func moveInside(_ y: StateVector, early: StateVector, late: StateVector, into y1: StateVector) {
    move(y, early: early, late: late, into: y1)
  }
  public func memory(at place: Place) -> [Double] { [] }
  public func restore(_ memory: [Double], at place: Place) -> Bool { memory.isEmpty }
  public func distance(_ a: StateVector, _ b: StateVector?, block: Int) -> Double? { nil }
}

/// Where a ``ResidualFlow`` was evaluated.
public enum Place: Int, Sendable {
  /// The beginning of a step, its predictor, and its end.
  case start, stage, end
}

/// Which `S` a ``ResidualFlow`` uses.
public enum ResidualOperator: Int, Sendable {
  /// That at the beginning, or the mean of it and that at the predictor.
  case start, mean
}

/// What a step needs of the solution of `r' = -S r` over `[0, tau]`: its end and its first moments.
public final class ResidualMoments {
  /// `r(tau)`.
  public let end: StateVector
  /// `int r(s) (1 - s/tau) ds`.
  public let early: StateVector
  /// `int r(s) (s/tau) ds`.
  public let late: StateVector
  /// `int r(s) ds`.
  public let whole: StateVector

  /// - Parameter count: `n`.
  public init(count: Int) {
    end = StateVector(count: count)
    early = StateVector(count: count)
    late = StateVector(count: count)
    whole = StateVector(count: count)
  }
}
