/// A system whose `f` is that of the nearest state without negative components, where these do not fall further:
///
///     f_i = max(0, f_i(t, y+))  where y_i < 0,   y+_i = max(0, y_i)   for the components that are kept
///
/// Where the exact solution stays at zero or above the two have the same solution; a method's error below zero no longer grows.
///
/// Source: Shampine, Thompson, Kierzenka, Byrne, *Applied Mathematics and Computation* 170 (2005) 556-569,
/// doi:10.1016/j.amc.2004.12.011.
class PositiveSystem: BandStructured, SparseStructured {
  let base: any ODESystem
  let components: [Int]
  private let sign: Double
  private let point: StateVector

  var dimension: Int { base.dimension }
  var bandwidths: (lower: Int, upper: Int)? { (base as? any BandStructured)?.bandwidths }
  var sparsity: SparsityPattern? { (base as? any SparseStructured)?.sparsity }

  fileprivate init(_ base: any ODESystem, _ components: [Int], _ sign: Double) {
    (self.base, self.components, self.sign) = (base, components, sign)
    point = StateVector(count: base.dimension)
  }

  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws {
    guard project(y) else { return try base.derivative(t, y, into: &dy) }
    try point.withSpan { try base.derivative(t, $0, into: &dy) }
    for i in components where y[i] < 0 && dy[i] * sign < 0 { dy[i] = 0 }
  }

  /// Makes `y+`, unless it is `y`.
  fileprivate func project(_ y: Span<Double>) -> Bool {
    guard components.contains(where: { y[$0] < 0 }) else { return false }
    for i in 0..<y.count { point.pointer[i] = y[i] }
    for i in components { point.pointer[i] = max(0, y[i]) }
    return true
  }

  fileprivate func withProjected<R>(_ body: (Span<Double>) throws -> R) rethrows -> R {
    try point.withSpan(body)
  }
}

/// One whose Jacobian is known, taken at the nearest state without negative components.
private final class PositiveSystemWithJacobian: PositiveSystem, DenseJacobianProviding {
  private let provided: any DenseJacobianProviding

  init(_ base: any DenseJacobianProviding, _ components: [Int], _ sign: Double) {
    provided = base
    super.init(base, components, sign)
  }

  func jacobian(_ t: Double, _ y: Span<Double>, into jacobian: inout MutableSpan<Double>) throws {
    guard project(y) else { return try provided.jacobian(t, y, into: &jacobian) }
    try withProjected { try provided.jacobian(t, $0, into: &jacobian) }
  }
}

/// A system some of whose components cannot become negative, such as concentrations. They are shown without what a method's error takes
/// below zero, and `f` is never given it.
public protocol PositivityDeclaring: ODESystem {
  /// Their indices, from 0.
  var positiveComponents: [Int] { get }
}

extension ODEProblem {
  /// The problem for a method that keeps `components` from falling below zero.
  func keeping(positive components: [Int]) throws -> ODEProblem {
    let kept =
      (system as? any DenseJacobianProviding).map { PositiveSystemWithJacobian($0, components, direction) }
      ?? PositiveSystem(system, components, direction)
    var problem = try ODEProblem(
      kept, from: initialTime, to: finalTime, initialState: initialState, events: events,
      componentNames: componentNames, invariants: invariants, discontinuities: discontinuities,
      reduction: reduction)
    (problem.mover, problem.positions) = (mover, positions)
    return problem
  }
}
