/// A problem that is integrated in fewer coordinates than it is posed in.
///
/// ``ODEProblem/reduction`` of the integrated problem holds one. Observers see the problem in its own
/// coordinates, unless they say that the reduced ones serve them as well
/// (``Observer/acceptsReducedCoordinates``).
public protocol CoordinateReduction {
  /// The problem in its own coordinates.
  var full: ODEProblem { get }

  /// Writes the state in the coordinates of ``full`` that belongs to the integrated state `y`.
  ///
  /// - Parameter result: ``ODESystem/dimension`` elements of the full problem's system.
  func lift(_ y: Span<Double>, into result: StateVector)
}
