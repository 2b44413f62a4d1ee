import ODECore
import RungeKutta
import SundialsIntegrators

/// What ``SwitchingState`` chooses among.
struct SwitchingMethods {
  let pair: ExplicitPair
  /// What takes the place of ``pair`` where `f` jumps again and again, and high orders are lost; `nil`: nothing.
  let chatteringPair: ExplicitPair?
  let stiff: any Integrator
  /// What takes the place of ``stiff`` after ``mostSteps``; `nil`: nothing.
  let enduring: (any Integrator)?
  /// Whether a system's declarations say that it is stiff.
  let isDeclaredStiff: Bool
  /// Whether a few evaluations more at the start are nothing.
  let looksAtStart: Bool
  /// Why it is these that are tried, for `IntegratorState.choice`.
  let knowledge: String

  /// Multistep methods damp or shift what oscillates, a little at every step: a run of more steps than these adds up to more than its tolerance.
  static let mostSteps = 8000

  func pair(isChattering: Bool) -> ExplicitPair { isChattering ? chatteringPair ?? pair : pair }
  func implicit(after steps: Int) -> any Integrator { steps >= Self.mostSteps ? enduring ?? stiff : stiff }

  /// Whether that one is a multistep method, which is slow to begin.
  func isMultistep(after steps: Int) -> Bool {
    enduring != nil && stiff is CVODEBDF && steps < Self.mostSteps
  }

  /// Which method is the first at work, and why.
  enum Beginning {
    case explicit
    case declared
    case fast
    case resumed

    var words: String {
      switch self {
      case .explicit, .resumed: "chosen before"
      case .declared: "the system declares a band, as lines of a parabolic equation have"
      case .fast: "the fastest motion at the start is by orders of magnitude faster than the run is long"
      }
    }
  }

  /// The length of a run in units of the fastest motion at its start, from where on a stiff method begins. A pair would take as many steps at least,
  /// unless the motion fades; if that is what the solution does, the pair's first trial is soon due beside so many.
  private static let stiffLength = 1e4

  /// - Returns: with the fastest motion, if it was asked for.
  func beginning(of problem: ODEProblem) throws -> (Beginning, LargestRate?) {
    if isDeclaredStiff { return (.declared, nil) }
    let span = abs(problem.finalTime - problem.initialTime)
    guard looksAtStart, span.isFinite else { return (.explicit, nil) }
    let fastest = try problem.initialState.withUnsafeBufferPointer {
      try LargestRate(problem.system, problem.initialTime, $0.span)
    }
    return (fastest.rate * span > Self.stiffLength ? .fast : .explicit, fastest)
  }
}
