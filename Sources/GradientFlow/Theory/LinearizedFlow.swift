import ODECore

/// The flow of the network's linearisation around a state `theta_0`, (15):
///
///     f_lin(x; theta) = f(x; theta_0) + grad f(x; theta_0) . (theta - theta_0),
///     theta' = -M grad R_lin = -(1/n) M J^T l'(f_lin, y),   J_i = grad f(x_i; theta_0)
///
/// The paper's (15) has no `f(x; theta_0)`, since antisymmetric initialisation makes it zero; here it is kept, so that
/// any start will do. At kinks `sigma'` is the left derivative, as in ``TwoLayerFlow``. The unknowns are laid out as
/// ``/Networks/NetworkShape`` says. The system is linear for the squared loss, and then solved in closed form by
/// ``solution()``.
///
/// A right-hand side costs about twice that of ``TwoLayerFlow`` and allocates nothing. One instance serves one
/// integration at a time.
public final class LinearizedFlow: ODESystem {
  /// `theta_0`.
  public var origin: [Double] { theta0.array }
  /// The network, data, scaling and loss; an instance of its own.
  public let flow: TwoLayerFlow

  private let theta0: StateVector
  private let displacement: StateVector
  /// `f(x_i; theta_0)`.
  private let outputs0: [Double]

  /// - Parameter origin: `theta_0`, laid out as ``/Networks/NetworkShape`` says.
  /// - Throws: as ``TwoLayerFlow/init(network:data:loss:threads:path:)-(_,Samples,_,_,_)``.
  public init(of flow: TwoLayerFlow, at origin: [Double]) throws {
    precondition(origin.count == flow.dimension)
    self.flow = try TwoLayerFlow(
      network: flow.network, data: flow.data, loss: flow.loss, threads: flow.threads, path: flow.path)
    theta0 = StateVector(origin)
    displacement = StateVector(count: origin.count)
    outputs0 = self.flow.forward(origin.span).predictions
  }

  public var dimension: Int { flow.dimension }

  public func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    precondition(y.count == dimension && dy.count == dimension)
    _ = evaluateLoss(y)
    pull(flow.sampleValues.residuals, into: &dy)
  }

  /// `f_lin`, `l'` and `R_lin` at the samples.
  public func forward(_ y: Span<Double>) -> ForwardPass {
    let loss = evaluateLoss(y)
    return ForwardPass(
      predictions: flow.sampleValues.predictions.array, residuals: flow.sampleValues.residuals.array,
      loss: loss)
  }

  /// The closed form for the squared loss: `e(t)` by ``ResidualModes`` of the Gram matrix at `theta_0`, and
  /// `theta(t) = theta_0 - (1/n) M J^T int_0^t e`.
  ///
  /// - Throws: ``EigenvalueError``; ``BLASError``; ``LinearizedFlowError`` for another loss.
  public func solution() throws -> LinearizedSolution {
    guard flow.loss.isSquared else { throw LinearizedFlowError(loss: flow.loss.name) }
    let (gram, start) = try theta0.withSpan { (try flow.gramMatrix($0), flow.forward($0)) }
    let modes = try ResidualModes(
      gram: gram.sum, width: flow.shape.width, residuals: start.residuals)
    return LinearizedSolution(modes: modes, system: self)
  }

  /// `theta_0 - (1/n) M J^T weights`.
  func state(pulledBy weights: [Double]) -> [Double] {
    let weights = StateVector(weights)
    let change = StateVector(count: dimension)
    change.withMutableSpan { pull(weights, into: &$0) }
    return (0..<dimension).map { theta0.pointer[$0] + change.pointer[$0] }
  }

  /// Fills the flow's sample values with `f_lin`, `l` and `l'`; returns `R_lin`.
  private func evaluateLoss(_ y: Span<Double>) -> Double {
    let (n, kappa, f) = (flow.data.sampleCount, flow.scaling.kappa, flow.sampleValues.predictions.pointer)
    for i in 0..<dimension { displacement.pointer[i] = y[i] - theta0.pointer[i] }
    tangent(displacement.pointer, into: f)
    for i in 0..<n { f[i] = outputs0[i] + kappa * f[i] }
    return flow.evaluateSampleLosses()
  }

  /// `J v / kappa`. The passes still hold what the forward pass at `theta_0` left.
  private func tangent(_ v: UnsafePointer<Double>, into df: UnsafeMutablePointer<Double>) {
    flow.passes.outputsTangent(theta0.pointer, direction: v, into: df)
  }

  /// `-(1/n) M J^T weights`.
  private func pull(_ weights: StateVector, into result: inout MutableSpan<Double>) {
    result.withUnsafeMutableBufferPointer {
      flow.passes.gradient(
        theta0.pointer, weights: weights.pointer, flow.factors, into: $0.baseAddress!)
    }
  }
}

extension LinearizedFlow: JacobianVectorProductProviding {
  /// `-(1/n) M J^T L J v` with `L = diag(l''_i)`.
  public func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    precondition(y.count == dimension && v.count == dimension && jv.count == dimension)
    _ = evaluateLoss(y)
    flow.evaluateCurvatures()
    let values = flow.sampleValues
    v.withUnsafeBufferPointer { tangent($0.baseAddress!, into: values.tangents.pointer) }
    for i in 0..<flow.data.sampleCount {
      values.tangents.pointer[i] *= flow.scaling.kappa * values.curvatures.pointer[i]
    }
    pull(values.tangents, into: &jv)
  }
}

extension LinearizedFlow: SpectralRadiusEstimating {
  /// `(m/n) lambda_max(L^(1/2) G(theta_0) L^(1/2))`, to rounding.
  ///
  /// - Throws: ``EigenvalueError`` if the state is not finite; ``BLASError``.
  public func spectralRadius(_ t: Double, _ y: Span<Double>) throws -> Double {
    _ = evaluateLoss(y)
    flow.evaluateCurvatures()
    return try flow.largestRate(theta0.pointer)
  }
}

/// The closed form of a ``LinearizedFlow`` with the squared loss.
public struct LinearizedSolution {
  /// The residuals' modes.
  public let modes: ResidualModes
  let system: LinearizedFlow

  /// `theta(t)`, laid out as ``/Networks/NetworkShape`` says.
  public func state(at t: Double) -> [Double] {
    system.state(pulledBy: modes.integratedResiduals(to: t))
  }
}

/// A closed form was asked for that only the squared loss has.
public struct LinearizedFlowError: Error, Equatable, CustomStringConvertible {
  /// The name of the loss that was given.
  public let loss: String
  public var description: String {
    "the linearised flow is linear for the squared loss only, not for '\(loss)': integrate it instead"
  }
}
