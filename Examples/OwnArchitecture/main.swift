// An architecture of your own, a residual network: checked by the test kit, trained by three kinds of integrators.
import DeepNetworks
import ExponentialIntegrators
import Foundation
import LossesPlugins
import Networks
import ODECore
import ODETestKit
import RungeKutta
import SundialsIntegrators

let m = 24
let inputs = Inputs(features: [[-0.5], [-1.0 / 6], [1.0 / 6], [0.5]])
let network = ResidualNetwork(inputDimension: 2, width: m, depth: 3, kappa: 1 / Double(m))
var generator = PCG64(seed: 1)
let start = (0..<network.parameterCount).map { _ in generator.nextNormal() }

// The kit compares gradients, tangents and second derivatives with finite differences of the outputs.
let violations = ArchitectureConformance().violations(of: network, at: inputs, theta: start)
guard violations.isEmpty else { fail("no sound architecture: \(violations.joined(separator: "; "))") }

// That is all it takes: the flow has products, kernels and Newton's systems now.
let data = Samples(inputs: inputs, targets: [0.25, 1.0 / 36, 1.0 / 36, 0.25])
let flow = try ArchitectureFlow(
  architecture: network, mobilities: network.blocks.map { _ in 1 }, data: data, loss: SquaredLoss())
let problem = try ODEProblem(flow, to: 40, initialState: start)
let methods: [any Integrator] = [
  DormandPrince(rtol: 1e-8, atol: 1e-10), ResidualMagnus(rtol: 1e-5),
  CVODEBDF(rtol: 1e-7, atol: 1e-9, linearSolver: .spgmr()),
]
let ends = try methods.map { method in
  let solution = try integrate(problem, with: method)
  let distances = LayerDistances(start.span, of: flow)(solution.state.span)
  let loss = flow.risk(solution.state.span)
  print("\(method.name): R = \(loss), relative distances of the layers \(distances.layers.map { Float($0) })")
  return (loss: loss, distance: distances.theta)
}
for end in ends.dropFirst() {
  guard abs(end.distance / ends[0].distance - 1) < 1e-3 else { fail("the methods disagree") }
}
guard ends[0].loss < 0.5 * flow.risk(start.span) else { fail("training did not go on") }

func fail(_ message: String) -> Never {
  print(message)
  exit(1)
}
