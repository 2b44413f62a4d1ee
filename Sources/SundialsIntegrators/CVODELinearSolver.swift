import ODECore

/// How Newton's linear systems `(I - gamma J) z = r` are solved.
public enum CVODELinearSolver: Sendable, Equatable {
  /// In this order: ``structured`` for a system that is `NewtonSystemSolving` with `newtonSolution` `.exact`; ``banded`` where a band is
  /// declared and narrow (at most 50 on either side); ``sparse`` where a pattern is declared; ``dense`` for up to 200
  /// unknowns, or up to 2000 if the system is `DenseJacobianProviding`; else ``spgmr(krylovDimension:)``, preconditioned by the system
  /// or, where a wider band is declared, by ``spgmrBanded(krylovDimension:lower:upper:)`` with the diagonal and its neighbours.
  case automatic
  /// LU factors of an `N x N` matrix: 16 `N^2` bytes. `J` comes from `DenseJacobianProviding` if the
  /// system conforms, else from `N` difference quotients.
  case dense
  /// Scaled, preconditioned GMRES, without a matrix: `krylovDimension` vectors of length `N`, no
  /// restarts (5 is CVODE's own default). `J v` comes from `JacobianVectorProductProviding` if the
  /// system conforms, else from difference quotients of `f`; `NewtonSystemSolving` becomes the
  /// left preconditioner, unless its `newtonSolution` is `.unavailable`.
  case spgmr(krylovDimension: Int = 5)
  /// LU factors of a band, `8 N (2 lower + upper + 1)` bytes, by differences that share evaluations: for a system that is
  /// `BandStructured`.
  case banded
  /// LU factors of a sparse matrix by KLU, by differences that share evaluations: for a system that is `SparseStructured`.
  case sparse
  /// ``spgmr(krylovDimension:)``, preconditioned by the factors of a band of the Jacobian, whatever lies outside, by differences
  /// (CVBANDPRE).
  case spgmrBanded(krylovDimension: Int = 5, lower: Int, upper: Int)
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
    let band = Self.band(of: system)
    if let band, max(band.lower, band.upper) <= Self.widestBand { return .banded }
    if n > Self.smallest, let sparse = system as? any SparseStructured, sparse.sparsity != nil {
      return .sparse
    }
    if n <= Self.largestDense || (system is any DenseJacobianProviding && n <= 2000) { return .dense }
    let own = (system as? any NewtonSystemSolving).map { $0.newtonSolution != .unavailable } ?? false
    return own || band == nil ? .spgmr() : .spgmrBanded(lower: 1, upper: 1)
  }

  private static let widestBand = 50
  /// Below so many unknowns nothing beats a dense matrix.
  private static let smallest = 20
  private static let largestDense = 200

  /// The declared band, if it is narrower than the matrix.
  static func band(of system: any ODESystem) -> (lower: Int, upper: Int)? {
    guard let widths = (system as? any BandStructured)?.bandwidths else { return nil }
    let n = system.dimension
    let (lower, upper) = (max(0, min(widths.lower, n - 1)), max(0, min(widths.upper, n - 1)))
    return 2 * lower + upper + 1 < n ? (lower, upper) : nil
  }

  /// For the summary.
  func words(for system: any ODESystem) -> String {
    let own = system is any DenseJacobianProviding
    switch self {
    case .automatic: return resolved(for: system).words(for: system)
    case .dense: return own ? "the system's own Jacobian, dense" : "a dense Jacobian by differences"
    case .banded:
      let (lower, upper) = Self.band(of: system) ?? (0, 0)
      return "a banded Jacobian (\(lower), \(upper)) by differences"
    case .sparse:
      let sparsity = (system as? any SparseStructured)?.sparsity
      return
        "a sparse Jacobian of \(sparsity?.rows.count ?? 0) elements by differences in \(sparsity?.columnGroups.count ?? 0) groups, KLU"
    case .structured: return "Newton's systems solved by the system's own structure"
    case .spgmr:
      let solution = (system as? any NewtonSystemSolving)?.newtonSolution ?? .unavailable
      return "GMRES, \(solution == .unavailable ? "not preconditioned" : "preconditioned by the system")"
    case .spgmrBanded(_, let lower, let upper): return "GMRES, preconditioned by a band (\(lower), \(upper))"
    }
  }
}
