/// What an integration cost. One meaning for each number, for every integrator.
public struct Statistics: Equatable, Sendable, Codable {
  /// Evaluations of `f`, including those for difference quotients.
  public var nfev = 0
  /// Jacobian matrices (or preconditioner set-ups) evaluated.
  public var njev = 0
  /// Jacobian-vector products.
  public var njtimes = 0
  /// Steps that passed the error test.
  public var accepted = 0
  /// Step attempts that were thrown away, for whatever reason (error test, convergence, non-finite).
  public var rejected = 0
  /// Of the rejected ones: failures of the error test.
  public var netf = 0
  /// Nonlinear iterations.
  public var nni = 0
  /// Nonlinear convergence failures.
  public var ncfn = 0
  /// Linear iterations.
  public var nli = 0
  /// Linear convergence failures.
  public var nlcf = 0
  /// Linear solver set-ups.
  public var nsetups = 0
  /// Preconditioner evaluations.
  public var npe = 0
  /// Preconditioner solves.
  public var nps = 0
  /// Evaluations of event functions.
  public var nge = 0
  /// The order of the last step.
  public var lastOrder = 0
  /// The last accepted step size (0 before the first).
  public var lastStepSize = 0.0
  /// Wall-clock seconds spent in ``integrate(_:with:observers:saving:options:)``, observers included.
  public var wallSeconds = 0.0

  /// All counts are zero.
  public init() {}

  /// Adds the counts and seconds of an earlier part of the same run.
  public mutating func add(counters earlier: Statistics) {
    nfev += earlier.nfev
    njev += earlier.njev
    njtimes += earlier.njtimes
    accepted += earlier.accepted
    rejected += earlier.rejected
    netf += earlier.netf
    nni += earlier.nni
    ncfn += earlier.ncfn
    nli += earlier.nli
    nlcf += earlier.nlcf
    nsetups += earlier.nsetups
    npe += earlier.npe
    nps += earlier.nps
    nge += earlier.nge
    wallSeconds += earlier.wallSeconds
  }
}
