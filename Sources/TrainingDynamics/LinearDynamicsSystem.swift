import Networks
import ODECore

/// A gradient flow that knows its Jacobian's products, its spectral radius and Newton's systems.
public typealias DifferentiableFlow = GradientSystem & JacobianVectorProductProviding
  & NewtonSystemSolving & SpectralRadiusEstimating

/// The same for ``/Networks/LinearDynamics``: with `J_F = dF/dtheta` its Jacobian is
///
///     order 1:  b J_F + c,      order 2:  ( 0          1 )
///                                         ( b J_F + c  d )
public final class LinearDynamicsSystem: DynamicsSystem {
  private let known: any DifferentiableFlow
  let linear: any LinearDynamics
  private let work: StateVector
  private var (gamma, prepared) = (0.0, DynamicsCoefficients(force: 1))

  init(_ flow: any DifferentiableFlow, _ dynamics: any LinearDynamics) {
    (known, linear) = (flow, dynamics)
    work = StateVector(count: flow.dimension)
    super.init(flow, dynamics)
  }
}

extension LinearDynamicsSystem: JacobianVectorProductProviding {
  public func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) throws {
    let n = parameterCount
    precondition(y.count == dimension && v.count == dimension && jv.count == dimension)
    try work.withMutableSpan {
      try known.jacobianVectorProduct(t, y.extracting(0..<n), v.extracting(0..<n), into: &$0)
    }
    work.withSpan { linear.derivative(t, v, force: $0, into: &jv) }
  }
}

extension LinearDynamicsSystem: NewtonSystemSolving {
  public var newtonSolution: NewtonSolution { known.newtonSolution }

  /// The velocity is eliminated: of order 2, with `D = 1 - gamma d - gamma^2 c`,
  ///
  ///     (1 - (gamma^2 b / D) J_F) theta = (gamma r_2 + (1 - gamma d) r_1) / D,   v = (theta - r_1) / gamma,
  ///
  /// and of order 1, with `D = 1 - gamma c`, `(1 - (gamma b / D) J_F) theta = r / D`: systems of the flow's own.
  public func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) throws {
    prepared = linear.coefficients(at: t)
    self.gamma = gamma
    let pivot = pivot
    guard pivot > 0 else { throw SingularNewtonSystem(time: t, gamma: gamma, part: "velocities") }
    let power = linear.order == 1 ? gamma : gamma * gamma
    try known.prepareNewton(t, y.extracting(0..<parameterCount), gamma: power * prepared.force / pivot)
  }

  public func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) throws {
    let (n, pivot, gamma) = (parameterCount, pivot, gamma)
    precondition(r.count == dimension && z.count == dimension)
    let (own, other) =
      linear.order == 1 ? (1 / pivot, 0) : ((1 - gamma * prepared.velocity) / pivot, gamma / pivot)
    for i in 0..<n { work.pointer[i] = own * r[i] + (other == 0 ? 0 : other * r[n + i]) }
    try z.withUnsafeMutableBufferPointer { z in
      var theta = UnsafeMutableBufferPointer(rebasing: z[..<n]).mutableSpan
      try work.withSpan { try known.solveNewton($0, into: &theta) }
    }
    guard linear.order == 2 else { return }
    for i in 0..<n { z[n + i] = (z[i] - r[i]) / gamma }
  }

  private var pivot: Double {
    linear.order == 1
      ? 1 - gamma * prepared.position
      : 1 - gamma * prepared.velocity - gamma * gamma * prepared.position
  }
}

extension LinearDynamicsSystem: SpectralRadiusEstimating {
  /// With `s` an eigenvalue of `-J_F`, real and of modulus at most `rho`, those of order 2 solve `q^2 - d q - (c - b s) = 0`, hence
  ///
  ///     |q| <= |d|/2 + sqrt(d^2/4 + |c| + b rho).
  public func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double {
    let rho = try known.spectralRadius(t, y.extracting(0..<parameterCount))
    let k = linear.coefficients(at: t)
    if linear.order == 1 { return k.force * rho + abs(k.position) }
    let half = abs(k.velocity) / 2
    return half + (half * half + abs(k.position) + k.force * rho).squareRoot()
  }
}
