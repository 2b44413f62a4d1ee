import ODECore

/// How Newton's linear systems `(I - gamma J) z = r` are solved.
public enum CVODELinearSolver: Sendable, Equatable {
  /// ``structured`` for a system that is `NewtonSystemSolving` with `newtonSolution` `.exact`; else ``dense``
  /// for up to 200 unknowns, or up to 2000 if the system is `DenseJacobianProviding`; else
  /// ``spgmr(krylovDimension:)``.
  case automatic
  /// LU factors of an `N x N` matrix: 16 `N^2` bytes. `J` comes from `DenseJacobianProviding` if the
  /// system conforms, else from `N` difference quotients.
  case dense
  /// Scaled, preconditioned GMRES, without a matrix: `krylovDimension` vectors of length `N`, no
  /// restarts (5 is CVODE's own default). `J v` comes from `JacobianVectorProductProviding` if the
  /// system conforms, else from difference quotients of `f`; `NewtonSystemSolving` becomes the
  /// left preconditioner, unless its `newtonSolution` is `.unavailable`.
  case spgmr(krylovDimension: Int = 5)
  /// The system's own `NewtonSystemSolving`, as a direct solver: one solve in each Newton iteration, and no
  /// matrix. It prepares anew when `gamma` has changed by 30 %, after 20 steps, or when an iteration
  /// failed to converge; between, solutions are corrected by `2 / (1 + gamma / gamma_prepared)`.
  ///
  /// With `newtonSolution` `.approximate` Newton's iteration converges slowly: ``spgmr(krylovDimension:)`` is better.
  case structured

  /// The choice for `system`; never ``automatic``.
  func resolved(for system: any ODESystem) -> CVODELinearSolver {
    guard self == .automatic else { return self }
    if (system as? any NewtonSystemSolving)?.newtonSolution == .exact { return .structured }
    let n = system.dimension
    return n <= 200 || (system is any DenseJacobianProviding && n <= 2000) ? .dense : .spgmr()
  }
}
