import CSundials
import ODECore

/// A return value of CVODE, and the one place where it becomes an `IntegrationFailure`.
struct CVODEFlag: Equatable {
  let raw: Int32

  init(_ raw: Int32) { self.raw = raw }

  private init(_ raw: Int) { self.raw = Int32(raw) }

  static let tstopReturn = CVODEFlag(Int(CSUNDIALS_TSTOP_RETURN))
  static let stateNonFinite = CVODEFlag(Int(CSUNDIALS_STATE_NONFINITE))

  var isFailure: Bool { raw < 0 }

  /// As in CVODE's manual, chapter "CVODE constants".
  var name: String { String(cString: csundials_flag_name(raw)) }

  /// Where the solver stood when it failed.
  struct Context {
    var integrator: String
    var time: Double
    var stepSize: Double
    var order: Int
    /// Steps accepted by this integration, and by CVODE.
    var accepted: Int
    var steps: Int64
    var nonFinite: csundials_nonfinite
    /// CVODE's own words.
    var words: String?
    var singularity: SingularNewtonSystem?
  }

  /// The failure of a step: `code: flag at t, h, order, nst: what it means and what may help`.
  func failure(_ context: Context) -> IntegrationFailure {
    let (code, advice) = meaning(context)
    let words =
      (context.singularity.map { " Last: \($0)." } ?? "")
      + (context.words.map { " CVODE says: \($0)" } ?? "")
    return IntegrationFailure(
      code,
      """
      \(context.integrator): \(name) at t = \(context.time), h = \(context.stepSize), order \(context.order), \
      after \(context.accepted) steps: \(advice).\(words)
      """)
  }

  /// The failure to make a solver.
  func creationFailure(_ integrator: String, _ dimension: Int, _ words: String?)
    -> IntegrationFailure
  {
    let advice =
      raw == Int32(CSUNDIALS_MEM_FAIL)
      ? "not enough memory for \(dimension) unknowns; a dense matrix takes 16 N^2 bytes, .spgmr takes none"
      : "CVODE rejected its inputs"
    let said = words.map { ". CVODE says: \($0)" } ?? ""
    return IntegrationFailure(.initialFailure, "\(integrator): \(name): \(advice)\(said)")
  }

  private func meaning(_ context: Context) -> (ReturnCode, String) {
    if let culprit = culprit(context) { return (.nonFinite, culprit) }
    // A first step that fails has no smaller history to fall back on.
    let atStart = context.accepted == 0
    switch Int(raw) {
    case Int(CSUNDIALS_TOO_MUCH_WORK):
      return (.maxSteps, "CVODE's own step limit for one call was reached")
    case Int(CSUNDIALS_TOO_MUCH_ACC):
      return (.tooMuchAccuracy, "the tolerances ask for more than double precision gives; loosen them")
    case Int(CSUNDIALS_ERR_FAILURE):
      return (
        atStart ? .initialFailure : .stepSizeUnderflow,
        "the error test failed again and again, as at a singularity or jump of f; "
          + "loosen the tolerances, or end the run before it"
          + (atStart ? "; or give a smaller initial step" : "")
      )
    case Int(CSUNDIALS_CONV_FAILURE), Int(CSUNDIALS_NLS_FAIL), Int(CSUNDIALS_CONSTR_FAIL):
      return (
        atStart ? .initialFailure : .convergenceFailure,
        "the nonlinear iteration failed to converge again and again; if the problem is stiff use "
          + "cvode-bdf, check the Jacobian, or enlarge the Krylov space"
          + (atStart ? "; or give a smaller initial step" : "")
      )
    case Int(CSUNDIALS_LSETUP_FAIL), Int(CSUNDIALS_LSOLVE_FAIL), Int(CSUNDIALS_NLS_SETUP_FAIL):
      return (.convergenceFailure, "the linear solver failed; try another one")
    case Int(CSUNDIALS_LINIT_FAIL), Int(CSUNDIALS_NLS_INIT_FAIL):
      return (.initialFailure, "a solver could not be set up")
    case Int(CSUNDIALS_MEM_FAIL):
      return (.initialFailure, "not enough memory")
    case Int(CSUNDIALS_TOO_CLOSE):
      return (.initialFailure, "the end is too close to the start for a first step; give initialStep")
    case Int(CSUNDIALS_ILL_INPUT):
      return (
        atStart ? .initialFailure : .tooMuchAccuracy,
        "an input is illegal; most often rtol |y_i| + atol_i is zero for a component that is zero: give it a "
          + "positive atol"
      )
    default:
      return (atStart ? .initialFailure : .convergenceFailure, "an unexpected failure")
    }
  }

  /// If values that are not finite made the step fail: what, where.
  private func culprit(_ context: Context) -> String? {
    let bad = context.nonFinite
    return bad.steps == context.steps ? Self.describe(bad) : nil
  }

  /// Steps have fallen below the resolution of `t`: CVODE has no flag for it and goes on for ever.
  static func stalled(_ context: Context) -> IntegrationFailure {
    // A region where f is not finite is approached by halving: its edge is then where the steps end.
    let bad = context.nonFinite
    let distance = abs(bad.time - context.time)
    let nearby = distance <= 1000 * max(abs(bad.time), abs(context.time)).ulp
    let culprit = nearby ? describe(bad) : nil
    return IntegrationFailure(
      culprit == nil ? .stepSizeUnderflow : .nonFinite,
      """
      \(context.integrator): at t = \(context.time) the step size has fallen to \(context.stepSize), below the \
      resolution of t, order \(context.order), after \(context.accepted) steps: \
      \(culprit ?? "as at a singularity or jump of f; loosen the tolerances, or end the run before it")
      """)
  }

  private static func describe(_ bad: csundials_nonfinite) -> String? {
    let what: String
    switch bad.origin {
    case CSUNDIALS_RHS: what = "f_\(bad.index)"
    case CSUNDIALS_JACOBIAN_TIMES: what = "element \(bad.index) of J v"
    case CSUNDIALS_JACOBIAN: what = "element \(bad.index) of the Jacobian (column-major)"
    case CSUNDIALS_SENSITIVITY: what = "element \(bad.index) of a sensitivity's derivative"
    case CSUNDIALS_STATE: what = "y_\(bad.index)"
    case CSUNDIALS_NEWTON_SOLVE: what = "element \(bad.index) of the Newton solve"
    default: return nil
    }
    return "\(what) is \(bad.value) at t = \(bad.time), and smaller steps did not avoid it"
  }
}
