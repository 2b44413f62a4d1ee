/// How an integration ended. Raw values are those written to records and JSON.
public enum ReturnCode: String, Sendable, CaseIterable, Codable {
  /// The final time was reached.
  case success
  /// A terminal event was reached.
  case stopped
  /// The system is at rest: nothing will change any more (``RestDetecting``).
  case stationary
  /// Events that change the state follow one another at intervals that shrink to nothing, as the bounces of a ball
  /// that comes to rest do: the solution does not go on beyond (Zeno behaviour).
  case zeno
  /// The step limit was reached first.
  case maxSteps
  /// The step size fell to the resolution of `t`, or below the smallest step allowed.
  case stepSizeUnderflow
  /// `f` or the state became NaN or infinite.
  case nonFinite
  /// The first step could not be taken.
  case initialFailure
  /// A nonlinear or linear iteration failed again and again.
  case convergenceFailure
  /// The tolerances ask for more than the arithmetic can give.
  case tooMuchAccuracy
  /// The steps that the method can take are so short, for the sake of stability, that the run would not end.
  case tooStiff
  /// What exact solutions keep was lost: an invariant (``Invariants``), or that a component does not fall below zero.
  case invariantLost
  /// A function of the system, or an observer, reported an error of its own.
  case failed
  /// The run was cancelled.
  case interrupted

  /// Whether there was nothing left to do: the run ended where it was meant to, or the solution did.
  public var isSuccess: Bool { self == .success || self == .stopped || self == .stationary }
}

/// Thrown by an integrator that cannot go on; ``integrate(_:with:observers:saving:options:)`` turns it
/// into ``Solution/returnCode`` and ``Solution/message``, keeping the state so far.
public struct IntegrationFailure: Error, CustomStringConvertible {
  /// How the run ends.
  public let code: ReturnCode
  /// What happened, where, and what may help.
  public let message: String

  /// A failure of a method: how the run ends, and a sentence for the user.
  public init(_ code: ReturnCode, _ message: String) {
    self.code = code
    self.message = message
  }

  public var description: String { "\(code.rawValue): \(message)" }
}
