import ODECore

/// SUNDIALS' Runge-Kutta methods (ARKODE, module ARKStep): explicit, diagonally implicit, or both on a system that splits itself.
///
/// ```swift
/// let solution = try integrate(problem, with: ARKODE(.diagonallyImplicit, rtol: 1e-6, atol: 1e-9))
/// let other = try integrate(problem, with: ARKODE(.explicit, table: "ARKODE_VERNER_8_5_6"))
/// ```
///
/// The implicit ones solve by modified Newton iteration with dense or, where a band is declared, banded factors; `J` is the system's own
/// (``/ODECore/DenseJacobianProviding``) or comes from ``/ODECore/DifferencedJacobian``. The additive one needs an
/// ``/ODECore/AdditiveSystem``. Dense output is the cubic or quintic Hermite interpolant, which may evaluate `f`.
///
/// Restarting keeps the next step size.
///
/// Source: Reynolds et al., *ARKODE: a flexible IVP solver infrastructure for one-step methods*, ACM TOMS 49 (2023) 19,
/// doi:10.1145/3594632; the tables' sources are in ARKODE's manual, appendix "Butcher tables".
public struct ARKODE: Integrator, Sendable {
  /// Which part is integrated how.
  public enum Kind: String, Sendable {
    /// All of `f` explicitly.
    case explicit = "erk"
    /// All of `f` implicitly.
    case diagonallyImplicit = "dirk"
    /// The stiff part implicitly, the rest explicitly.
    case additive = "imex"
  }

  public var name: String { "arkode-\(kind.rawValue)" }
  /// Explicit, implicit or both.
  public let kind: Kind
  /// Relative tolerance of the local error.
  public var rtol: Double
  /// Absolute tolerance of the local error.
  public var atol: Double
  /// Absolute tolerances by component, in place of ``atol``.
  public var atols: [Double]?
  /// The order where no table is named: 2 to 8, 2 to 5, 3 to 5 by kind.
  public var order: Int
  /// A Butcher table by its name in ARKODE's manual, in place of ``order``; not for the additive kind.
  public var table: String?
  /// The size of the first step; `nil`: a hundredth of the time in which `f` changes the state by as much as it is.
  public var initialStep: Double?
  /// No step is longer; unbounded if nil.
  public var maxStep: Double?
  /// Every step has this size, without error control; for studies of convergence.
  public var fixedStep: Double?

  /// A method from its settings.
  public init(
    _ kind: Kind, rtol: Double = 1e-6, atol: Double = 1e-9, atols: [Double]? = nil, order: Int = 4,
    table: String? = nil, initialStep: Double? = nil, maxStep: Double? = nil,
    fixedStep: Double? = nil
  ) {
    self.kind = kind
    self.rtol = rtol
    self.atol = atol
    self.atols = atols
    self.order = order
    self.table = table
    self.initialStep = initialStep
    self.maxStep = maxStep
    self.fixedStep = fixedStep
  }

  /// The largest number of unknowns with an implicit part: its matrices take 16 `N^2` bytes.
  public static let largestDimension = 4000

  public func refusal(of problem: ODEProblem) -> String? {
    if kind == .additive, (problem.system as? any AdditiveSystem)?.isSplit != true {
      return "the system does not split itself into a stiff part and the rest"
    }
    let n = problem.system.dimension
    return kind != .explicit && n > Self.largestDimension && CVODELinearSolver.band(of: problem.system) == nil
      ? "the system has \(n) unknowns, too many for dense matrices; use cvode-bdf, or declare a band" : nil
  }

  /// - Throws: `IntegrationFailure` with `.initialFailure` if an option is unusable or the system cannot be taken.
  public func makeState(for problem: ODEProblem, restart: Restart?) throws -> ARKODEState {
    func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
      if !condition { throw IntegrationFailure(.initialFailure, "\(name): \(message())") }
    }
    if let reason = refusal(of: problem) { try require(false, reason) }
    try require(problem.system.dimension > 0, "the system has no unknowns")
    try require(rtol >= 0 && rtol.isFinite, "rtol is \(rtol); it must be finite and not negative")
    try require(atol >= 0 && atol.isFinite, "atol is \(atol); it must be finite and not negative")
    if let atols {
      try require(
        atols.count == problem.system.dimension && atols.allSatisfy { $0 >= 0 && $0.isFinite },
        "atols must be \(problem.system.dimension) numbers, finite and not negative")
    }
    try require(initialStep.map { $0 > 0 && $0.isFinite } ?? true, "initialStep must be positive and finite")
    try require(fixedStep.map { $0 > 0 && $0.isFinite } ?? true, "fixedStep must be positive and finite")
    try require(maxStep.map { $0 > 0 } ?? true, "maxStep must be positive")
    try require(table == nil || kind != .additive, "tables of the additive kind go by order")
    return try ARKODEState(problem, self, restart)
  }
}
