// In the linear regime training follows its linearisation: the residuals obey e' = -(m/n) G(0) e, so
// e(t) = exp(-(m/n) G(0) t) e(0), and wider networks follow it better. The example integrates the flow at
// gamma = 1/2 with growing width and compares the two.
//
// Lee et al., Wide neural networks of any depth evolve as linear models under gradient descent (2019).
import ActivationsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import RungeKutta

/// `exp(-M t) v` for a symmetric positive `M`, row-major, as the solution of v' = -M v: an ODE again.
func decayed(_ matrix: [Double], _ v: [Double], time: Double) throws -> [Double] {
  let n = v.count
  let linear = ClosureSystem(dimension: n) { _, y, dy in
    for i in 0..<n {
      var sum = 0.0
      for j in 0..<n { sum -= matrix[i * n + j] * y[j] }
      dy[i] = sum
    }
  }
  let problem = try ODEProblem(linear, to: time, initialState: v)
  return try integrate(problem, with: DormandPrince(rtol: 1e-10, atol: 1e-13)).state
}

var deviations: [Double] = []
for width in [100, 1600, 25600] {
  let data = try Dataset(
    name: "parabola", features: [[-0.5], [-0.2], [0.2], [0.5]], targets: [0.25, 0.04, 0.04, 0.25])
  let flow = try TwoLayerFlow(
    width: width, data: data, scaling: Scaling(gamma: 0.5, gammaPrime: 0, width: width),
    activation: Tanh(), loss: SquaredLoss())
  let start = try GaussianStart(seed: 1).state(for: flow.shape)
  let rate = try flow.gramMatrix(start.span).sum.map { $0 * Double(width) / Double(data.sampleCount) }
  let time = 3.0

  let solution = try integrate(
    ODEProblem(flow, to: time, initialState: start), with: DormandPrince(rtol: 1e-8, atol: 1e-11))
  let trained = flow.forward(solution.state.span).residuals
  let linearised = try decayed(rate, flow.forward(start.span).residuals, time: time)

  func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  let deviation = norm(zip(trained, linearised).map { $0 - $1 }) / norm(linearised)
  print("m = \(width): |e - e_lin| / |e_lin| = \(deviation) after \(solution.statistics.accepted) steps")
  deviations.append(deviation)
}

// theta moves by order |e| / (kappa m) = m^(-1/2): with sixteen times the width the deviation falls at least fourfold
// (more, since the changes of G average out over neurons of either sign).
guard deviations[1] < deviations[0] / 4, deviations[2] < deviations[1] / 4, deviations[2] < 1e-3 else {
  print("the example no longer holds")
  exit(1)
}
