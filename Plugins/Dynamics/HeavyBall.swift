import Networks

/// `heavy-ball`: `epsilon theta'' + theta' = F`, a ball of mass `epsilon` that rolls on the loss with friction, from rest. With `M` diagonal,
///
///     E = R + (epsilon/2) |theta'|^2_(M^-1),   E' = -|theta'|^2_(M^-1),
///
/// since `E' = grad R . theta' + (M^-1 epsilon theta'') . theta'` and `epsilon theta'' = -M grad R - theta'`. As `epsilon` goes to zero it becomes the
/// gradient flow. A mode of curvature `lambda` oscillates when `4 epsilon lambda > 1`.
///
/// Its iteration is gradient descent with momentum: `theta_(k+1) = theta_k + m (theta_k - theta_(k-1)) + eta F(theta_k)` with
///
///     h = eta/(1 - m),   epsilon = eta/(1 - m)^2;   eta = h^2/epsilon,   m = 1 - h/epsilon,
///
/// which is the difference equation `epsilon (theta_(k+1) - 2 theta_k + theta_(k-1))/h^2 + (theta_k - theta_(k-1))/h = F(theta_k)`.
///
/// Source: Polyak, *USSR Comput. Math. Math. Phys.* 4(5) (1964) 1-17, doi:10.1016/0041-5553(64)90137-5.
public struct HeavyBall: LinearDynamics, MomentumDynamics {
  /// The mass, in units of time.
  public let epsilon: Double
  public var name: String { "heavy-ball:\(epsilon)" }
  public let order = 2

  /// `epsilon` must be positive and finite.
  public init(epsilon: Double) {
    precondition(epsilon > 0 && epsilon.isFinite)
    self.epsilon = epsilon
  }

  public func coefficients(at t: Double) -> DynamicsCoefficients {
    DynamicsCoefficients(force: 1 / epsilon, velocity: -1 / epsilon)
  }

  public func energy(_ t: Double, potential: Double, squaredNorms: [Double]) -> Double? {
    potential + epsilon / 2 * squaredNorms[1]
  }

  public let looksAhead = false
  public func stepSize(learningRate eta: Double) -> Double { (eta * epsilon).squareRoot() }
  public func learningRate(stepSize h: Double) -> Double { h * h / epsilon }
  public func momentum(_ t: Double, stepSize h: Double) -> Double { 1 - h / epsilon }
}
