/// How a network's parameters move on its loss: what takes the place of the gradient flow `theta' = F(theta)`, with the force
/// `F = -M grad R`.
///
/// The state is `theta`, followed by ``vectorCount`` - 1 vectors of its length, such as a velocity, which start at zero. A right-hand side
/// is made of the state and of the force at `theta`, which is given:
///
/// ```swift
/// /// theta' = F / (1 + |F|): bounded speed.
/// struct Clipped: Dynamics {
///   let name = "clipped"
///   let vectorCount = 1
///   func derivative(
///     _ t: Double, _ y: Span<Double>, force: Span<Double>, into dy: inout MutableSpan<Double>
///   ) {
///     var squares = 0.0
///     for i in force.indices { squares += force[i] * force[i] }
///     for i in force.indices { dy[i] = force[i] / (1 + squares.squareRoot()) }
///   }
/// }
/// ```
///
/// Explicit methods integrate any such dynamics. Those that are linear in state and force conform to ``LinearDynamics``, whose few numbers
/// give the right-hand side and what implicit methods need. Those with an iteration of their own, as optimisers use it, conform to
/// ``MomentumDynamics`` too.
///
/// Requirements on a conformer:
/// - ``derivative(_:_:force:into:)`` is a function of its arguments alone, and writes every element.
/// - ``energy(_:potential:squaredNorms:)``, if it is not `nil`, never rises along an exact solution.
public protocol Dynamics: Sendable {
  /// As it appears in records, with parameters: `heavy-ball:0.5`.
  var name: String { get }
  /// Vectors of the length of `theta` in a state, 1 for `theta` alone.
  var vectorCount: Int { get }
  /// Whether it is the gradient flow itself, `theta' = F`, which has methods of its own.
  var isGradientFlow: Bool { get }
  /// Whether `theta(t) - theta(0)` stays in the span of the forces met so far: then whatever no force moves, as coordinates outside the
  /// span of the inputs, rests.
  var movesAlongForces: Bool { get }
  /// Whether it comes to rest where the force vanishes, and only there: then the loss goes where the gradient flow's may go.
  var restsWithoutForce: Bool { get }

  /// Writes the right-hand side.
  ///
  /// - Parameters:
  ///   - y: the state, ``vectorCount`` vectors of `N` numbers one after the other, `theta` first.
  ///   - force: `F(theta)`, `N` numbers.
  ///   - dy: as long as `y`.
  func derivative(
    _ t: Double, _ y: Span<Double>, force: Span<Double>, into dy: inout MutableSpan<Double>)

  /// What never rises along exact solutions, beside `R` the squares of the state's vectors; `nil` if nothing is known.
  ///
  /// - Parameters:
  ///   - potential: `R(theta)`.
  ///   - squaredNorms: `|y_k|^2 = sum_i y_ki^2 / mu_i`, in the norm of `M^-1`, of each of the ``vectorCount`` vectors.
  func energy(_ t: Double, potential: Double, squaredNorms: [Double]) -> Double?
}

extension Dynamics {
  public var isGradientFlow: Bool { false }
  public var movesAlongForces: Bool { true }
  public var restsWithoutForce: Bool { true }
  public func energy(_ t: Double, potential: Double, squaredNorms: [Double]) -> Double? { nil }
}
