import ODECore

/// A one-step method as ``SteppingState`` drives it: how a step is made, and the dense output over it.
///
/// What every such method has in common (the state and its predecessor, time, landing on limits, what is left after a failure)
/// is ``SteppingState``'s. A method keeps its stages, its error control and its counters.
public protocol SteppingMethod: AnyObject {
  /// The counters so far.
  var statistics: Statistics { get }
  /// Of them, the evaluations of `f`.
  var evaluations: Int { get }
  /// The size of the next step, positive.
  var nextStep: Double { get }
  /// What a ``/ODECore/Restart`` keeps besides.
  var errorHistory: [Double] { get }

  /// See ``/ODECore/IntegratorState/choice``.
  var choice: String? { get }
  /// See ``/ODECore/IntegratorState/remarks``.
  var remarks: [SolutionRemark] { get }

  /// A step begins: the derivative at the end of the last step becomes that at the beginning, and the last step's dense output is
  /// lost.
  func begin()
  /// The step failed: undoes ``begin()`` as far as the derivative at the state is concerned.
  func abandon()

  /// Makes a step that passes the method's own tests.
  ///
  /// - Parameters:
  ///   - t: where `y` is.
  ///   - limit: the step ends there at the latest.
  ///   - next: receives the state at the step's end; scratch before. The method may put another vector in its place.
  func step(
    from t: Double, _ y: StateVector, limit: Double, into next: inout StateVector
  ) throws -> StepTarget

  /// Writes the dense output at `theta` in `(0, 1)` of the last step, of size `h` from `y0` to `y1`.
  func interpolate(
    _ theta: Double, _ h: Double, _ y0: StateVector, _ y1: StateVector, into y: UnsafeMutablePointer<Double>
  ) throws
}

extension SteppingMethod {
  public var evaluations: Int { statistics.nfev }
  public var choice: String? { nil }
  public var remarks: [SolutionRemark] { [] }
}
