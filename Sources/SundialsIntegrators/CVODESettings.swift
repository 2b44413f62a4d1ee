import CSundials
import Logging
import ODECore

/// What both integrators hand to ``CVODEState``.
struct CVODESettings {
  enum Method {
    case adams
    case bdf

    var highestOrder: Int { self == .adams ? 12 : 5 }
  }

  var integrator: String
  var method: Method
  var nonlinear: CVODEAdams.Nonlinear
  var rtol: Double
  var atol: Double
  var atols: [Double]?
  var maxOrder: Int
  var initialStep: Double?
  var maxStep: Double?
  var iterationTolerance: Double?
  var logger: Logger

  /// Each user's mistake, said plainly, before CVODE sees it.
  func validate(dimension: Int) throws {
    try require(dimension > 0, "the system has \(dimension) unknowns; CVODE needs at least one")
    try require(rtol >= 0 && rtol.isFinite, "rtol is \(rtol); it must be finite and not negative")
    try require(atol >= 0 && atol.isFinite, "atol is \(atol); it must be finite and not negative")
    if let atols {
      try require(
        atols.count == dimension,
        "atols has \(atols.count) elements; the system has \(dimension) unknowns")
      if let i = atols.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
        try require(false, "atols[\(i)] is \(atols[i]); it must be finite and not negative")
      }
    }
    try require(
      (1...method.highestOrder).contains(maxOrder),
      "maxOrder is \(maxOrder); it must be from 1 to \(method.highestOrder)")
    if let initialStep {
      try require(
        initialStep > 0 && initialStep.isFinite,
        "initialStep is \(initialStep); it must be finite and positive")
    }
    if let maxStep {
      try require(maxStep > 0, "maxStep is \(maxStep); it must be positive")
    }
    if let iterationTolerance {
      try require(
        iterationTolerance > 0 && iterationTolerance <= 1,
        "iterationTolerance is \(iterationTolerance); it must be above 0 and at most 1")
    }
    switch nonlinear {
    case .fixedPoint(let anderson):
      try require(
        (0...1000).contains(anderson),
        "anderson is \(anderson); it must be from 0 (no acceleration) to 1000")
    case .newton(.spgmr(let krylovDimension)), .newton(.spgmrBanded(let krylovDimension, _, _)):
      try require(
        (1...10_000).contains(krylovDimension),
        "krylovDimension is \(krylovDimension); it must be from 1 to 10000")
    case .newton:
      break
    }
  }

  /// ``CVODELinearSolver/structured`` needs a system that can solve.
  func validate(for system: any ODESystem) throws {
    switch linearSolver(for: system) {
    case .banded:
      try require(
        CVODELinearSolver.band(of: system) != nil,
        "the linear solver .banded needs a system that declares a band narrower than its matrix")
    case .sparse:
      try require(
        (system as? any SparseStructured)?.sparsity != nil,
        "the linear solver .sparse needs a system that declares its Jacobian's pattern")
    case .spgmrBanded(_, let lower, let upper):
      let n = system.dimension
      try require(
        (0..<n).contains(lower) && (0..<n).contains(upper),
        "the preconditioner's band (\(lower), \(upper)) must lie within 0...\(n - 1)")
    default: break
    }
    guard linearSolver(for: system) == .structured else { return }
    let solution = (system as? any NewtonSystemSolving)?.newtonSolution
    try require(
      solution != nil,
      "the linear solver .structured needs a system that is NewtonSystemSolving; use .automatic")
    try require(
      solution != .unavailable,
      "the system says that it cannot solve Newton's systems of this size; use .spgmr")
  }

  private func require(_ condition: Bool, _ message: @autoclosure () -> String) throws {
    if !condition { throw IntegrationFailure(.initialFailure, "\(integrator): \(message())") }
  }

  /// The linear solver that Newton's iteration will use; nil for a fixed point.
  func linearSolver(for system: any ODESystem) -> CVODELinearSolver? {
    guard case .newton(let solver) = nonlinear else { return nil }
    return solver.resolved(for: system)
  }

  /// Where iterations converge slowly because their matrix is old, what they leave adds up from step to step, and is larger than what the
  /// error test sees. Beside a matrix of its own an iteration more costs little.
  private func defaultIterationTolerance(for system: any ODESystem) -> Double {
    switch linearSolver(for: system) {
    case .dense, .banded, .sparse: Self.iterationTolerance
    default: 0
    }
  }

  static let iterationTolerance = 0.01

  /// The shim's options, without what is behind pointers.
  func options(for system: any ODESystem) -> csundials_options {
    var options = csundials_options()
    options.method = method == .adams ? CSUNDIALS_ADAMS : CSUNDIALS_BDF
    options.nonlinear = CSUNDIALS_NEWTON
    options.linear = CSUNDIALS_DENSE
    if case .fixedPoint(let anderson) = nonlinear {
      options.nonlinear = CSUNDIALS_FIXED_POINT
      options.acceleration = Int32(anderson)
    } else if case .spgmr(let krylovDimension) = linearSolver(for: system) {
      options.linear = CSUNDIALS_SPGMR
      options.krylov_dimension = Int32(krylovDimension)
    } else if let solver = linearSolver(for: system) {
      switch solver {
      case .structured: options.linear = CSUNDIALS_STRUCTURED
      case .sparse: options.linear = CSUNDIALS_SPARSE
      case .banded:
        options.linear = CSUNDIALS_BAND
        let (lower, upper) = CVODELinearSolver.band(of: system)!
        (options.lower, options.upper) = (Int64(lower), Int64(upper))
      case .spgmrBanded(let krylovDimension, let lower, let upper):
        options.linear = CSUNDIALS_SPGMR
        options.krylov_dimension = Int32(krylovDimension)
        options.has_band_preconditioner = true
        (options.lower, options.upper) = (Int64(lower), Int64(upper))
      case .dense, .spgmr, .automatic: break
      }
    }
    options.max_order = Int32(maxOrder)
    options.rtol = rtol
    options.atol = atol
    options.max_step = maxStep.map { $0.isFinite ? $0 : 0 } ?? 0
    options.iteration_tolerance = iterationTolerance ?? defaultIterationTolerance(for: system)
    return options
  }
}
