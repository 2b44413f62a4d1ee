// The late rate of decay. Residuals obey e' = -(m/n) G(theta) e, so that once theta has settled
// R = |e|^2 / (2n) ~ exp(-2 (m/n) lambda_min(G) t). The example integrates the flow, fits the rate to the recorded
// risk, and compares it with the Gram matrix' smallest eigenvalue, for three widths.
//
// The observer `loss-decay` does the same in every run.
import ActivationsPlugins
import Foundation
import GradientFlow
import LossesPlugins
import ODECore
import StatisticalInference
import SundialsIntegrators

/// `2 (m/n) lambda_min(G(theta))`.
func predictedRate(_ flow: TwoLayerFlow, _ state: [Double]) throws -> Double {
  let n = flow.data.sampleCount
  let smallest = try symmetricEigenvalues(flow.gramMatrix(state.span).sum, count: n)[0]
  return 2 * Double(flow.shape.width) / Double(n) * smallest
}

let data = try Dataset(
  name: "points", features: [[-1], [-0.33], [0.33], [1]], targets: [0.8, 0.2, 0.6, 0.3])
for width in [50, 200, 1000] {
  let flow = try TwoLayerFlow(
    width: width, data: data, scaling: Scaling(gamma: 0.5, gammaPrime: 0, width: width),
    activation: Tanh(), loss: SquaredLoss())
  let start = try GaussianStart(seed: 1).state(for: flow.shape)
  // Ten e-folds of the slowest mode at the rate of the start: faster modes are long gone by then.
  let initialRate = try predictedRate(flow, start)
  let end = 20 / initialRate
  let solution = try integrate(
    ODEProblem(flow, to: end, initialState: start), with: CVODEBDF(rtol: 1e-8, atol: 1e-12),
    saving: .linear(spacing: end / 100))

  let risks = solution.savedStates.map { flow.risk($0.span) }
  guard let fit = DecayFit(times: solution.savedTimes, values: risks) else { fail("too few records") }
  let predicted = try predictedRate(flow, solution.state)
  print(
    String(
      format: "m = %4d: R from %.2g to %.2g; fitted rate %.6g from t = %.3g on, 2 (m/n) lambda_min(G) = %.6g "
        + "(at the start %.6g)", width, risks[0], risks.last!, fit.rate, fit.start, predicted, initialRate))
  // The fit follows the records within 2 % over several e-folds of R.
  guard fit.rule == .exponential, abs(fit.rate / predicted - 1) < 0.01 else {
    fail("the fitted rate is not the predicted one")
  }
}

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}
