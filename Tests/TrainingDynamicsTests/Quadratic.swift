import ODECore
import TrainingDynamics

/// `V(y) = 1/2 sum_i lambda_i (y_i - c_i)^2` in the metric of `mu_i`: modes of rates `mu_i lambda_i`, each with a closed form under any linear
/// dynamics.
final class Quadratic: GradientSystem, JacobianVectorProductProviding, NewtonSystemSolving,
  SpectralRadiusEstimating
{
  let lambda: [Double]
  let mu: [Double]
  let minimum: [Double]
  private var gamma = 0.0

  init(_ lambda: [Double], mu: [Double], minimum: [Double]) {
    (self.lambda, self.mu, self.minimum) = (lambda, mu, minimum)
  }

  /// Three modes that are over- and underdamped under a heavy ball of mass 0.5.
  static func threeModes() -> Quadratic {
    Quadratic([0.2, 3, 40], mu: [1, 2, 0.5], minimum: [0.3, -1, 0])
  }
  static let start = [1.5, 0.25, -1]

  var dimension: Int { lambda.count }
  var mobilityBlocks: [(range: Range<Int>, mobility: Double)] {
    mu.enumerated().map { ($0.offset..<$0.offset + 1, $0.element) }
  }
  func potential(_ y: Span<Double>) -> Double {
    (0..<dimension).reduce(0) { $0 + lambda[$1] * (y[$1] - minimum[$1]) * (y[$1] - minimum[$1]) / 2 }
  }
  func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
    for i in 0..<dimension { dy[i] = -mu[i] * lambda[i] * (y[i] - minimum[i]) }
  }
  func jacobianVectorProduct(
    _ t: Double, _ y: Span<Double>, _ v: Span<Double>, into jv: inout MutableSpan<Double>
  ) {
    for i in 0..<dimension { jv[i] = -mu[i] * lambda[i] * v[i] }
  }
  func spectralRadius(_ t: Double, _ y: Span<Double>) -> Double {
    zip(mu, lambda).map { $0 * $1 }.max()!
  }
  func prepareNewton(_ t: Double, _ y: Span<Double>, gamma: Double) { self.gamma = gamma }
  func solveNewton(_ r: Span<Double>, into z: inout MutableSpan<Double>) {
    for i in 0..<dimension { z[i] = r[i] / (1 + gamma * mu[i] * lambda[i]) }
  }

  /// The distance of mode `i` from its minimum at the start, and its rate.
  func mode(_ i: Int) -> (distance: Double, rate: Double) {
    (Quadratic.start[i] - minimum[i], mu[i] * lambda[i])
  }
}
