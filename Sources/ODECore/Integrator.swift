/// A method for integrating an ``ODEProblem``.
///
/// The integrator is a value: it holds the configuration (tolerances, order, step size). What
/// evolves is its ``State``, made anew for each problem.
public protocol Integrator {
  /// What evolves: one integration by this method.
  associatedtype State: IntegratorState

  /// The name used on the command line and in records, e.g. `dormand-prince`.
  var name: String { get }

  /// Whether the step follows from tolerances rather than from a given step size.
  var isAdaptive: Bool { get }

  /// Why this method cannot integrate `problem` at all, in words for its user; `nil` if it can. ``makeState(for:restart:)``
  /// then throws for the same reason: this asks before anything is begun.
  func refusal(of problem: ODEProblem) -> String?

  /// Bytes that an integration of `problem` is expected to hold beside a dozen states: matrices and bases. 0 by default.
  func matrixMemory(for problem: ODEProblem) -> Double

  /// Prepares the integration of `problem` from its initial state.
  ///
  /// `restart`, if given, comes from ``IntegratorState/restart`` of an earlier run of the same
  /// integrator and replaces the choice of the first step.
  ///
  /// - Throws: ``IntegrationFailure`` if the method cannot start (e.g. a negative tolerance).
  func makeState(for problem: ODEProblem, restart: Restart?) throws -> State
}

extension IntegratorState {
  public var evaluations: Int { statistics.nfev }
  public var choice: String? { nil }
  public var remarks: [SolutionRemark] { [] }
}

extension Integrator {
  public var isAdaptive: Bool { true }
  public func refusal(of problem: ODEProblem) -> String? { nil }
  public func matrixMemory(for problem: ODEProblem) -> Double { 0 }
}

/// The evolving part of an integration: one accepted step at a time, with dense output over it.
///
/// Requirements, checked by `ODETestKit.IntegratorConformance`:
/// - `advance` takes exactly one accepted step, never beyond `limit`, and lands on `limit`
///   exactly when it reaches it.
/// - `interpolate` is valid for any time in `[previousTime, time]` (either order), is continuous
///   across steps, and never changes later steps.
/// - after a throw from `advance`, `time` and the state are those of the last accepted step; the
///   interval on which `interpolate` is valid may have shrunk to `time`, and `previousTime` says so.
/// - `advance` is called with a `limit` ahead of `time` in the problem's direction; it may be infinite.
/// - a state that is NaN or infinite is never accepted.
/// - `statistics.nfev` is the number of calls of the system's `derivative`, `accepted` that of
///   successful calls of `advance`.
public protocol IntegratorState: AnyObject {
  /// `t_n`, the end of the last accepted step.
  var time: Double { get }
  /// `t_{n-1}`, its beginning.
  var previousTime: Double { get }
  /// The counters so far.
  var statistics: Statistics { get }
  /// Evaluations of `f` so far, ``Statistics/nfev``: what is asked for after every step.
  var evaluations: Int { get }
  /// For an integrator that picks a method by the problem: which one, and why. Else `nil`.
  var choice: String? { get }
  /// What a reader of the solution up to ``time`` should know, parts before a ``Restart`` included; none by default.
  var remarks: [SolutionRemark] { get }
  /// What a later run needs to go on from here as if it had never stopped, as far as the method allows.
  var restart: Restart { get }

  /// Reads `y(time)`.
  func withState<R>(_ body: (Span<Double>) throws -> R) rethrows -> R

  /// Takes one accepted step towards `limit`.
  ///
  /// - Throws: ``IntegrationFailure``, or whatever the system's own functions threw.
  func advance(to limit: Double) throws

  /// Writes the dense output at `t` to `y`.
  func interpolate(at t: Double, into y: inout MutableSpan<Double>) throws
}

/// Controller memory that survives a process.
public struct Restart: Equatable, Sendable, Codable {
  /// The step size that would have been tried next (signed like the direction of integration). Zero for a method that picked another
  /// and now begins anew within a run, behind a discontinuity: only ``method`` counts then.
  public var stepSize: Double
  /// The error measures of the last accepted steps, newest first; what they mean is the method's affair.
  public var errorHistory: [Double]
  /// The method that an integrator which picks one had picked, so that it goes on with the same.
  public var method: String?
  /// What those remember that watch the steps of every method, so that a resumed run is watched as an unbroken one.
  package var watches: StepWatches?

  /// A state of a method from what it must remember.
  public init(stepSize: Double, errorHistory: [Double] = []) {
    self.stepSize = stepSize
    self.errorHistory = errorHistory
  }
}

/// What the watches over a run's steps remember.
package struct StepWatches: Equatable, Sendable, Codable {
  /// Evaluations that ``InteriorWatch`` has spent; `nil` once it has ended.
  var looks: Int?
  /// What a look around from the start and what it have found, and the longest step that is allowed since.
  var startsAtRest: SolutionRemark?
  var passedOver: SolutionRemark?
  var longestStep: Double?
  /// Of ``PositivityWatch``.
  var watched: [Int]
  var suspects: [Int]
  var lowest: PositivityWatch.Lowest?
  var largest: Double?
  /// Of ``Projection``.
  var projection: Projection.Memory?
  /// Of ``InvariantWatch``.
  var invariants: InvariantWatch.Memory?
  /// When an event last changed the state, and the longest step allowed since, if none has been taken.
  var lastChange: Double?
  var longestFirstStep: Double?
  /// Of ``EventLocator``.
  var sights: [EventLocator.Sight]?
  var zeno: ZenoTest?
}

/// A state of a method that can tell, from what it knows of the motion, that the solution has come to rest for good.
///
/// It is asked where a system that is ``RestDetecting`` has said no, or is not.
public protocol RestDetectingState: IntegratorState {
  /// As ``RestDetecting/isAtRest(_:_:tolerance:)``, at ``IntegratorState/time``; later steps are the same, asked or not.
  func isAtRest(tolerance: Double) throws -> Bool
}
