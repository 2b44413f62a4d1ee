import ODECore
import PluginKit
import SundialsIntegrators

private let sundials = "Hindmarsh et al., ACM TOMS 31 (2005) 363-396, doi:10.1145/1089014.1089020"

/// What the first and the longest step may be.
let stepLimits: [PluginParameter] = [
  .number("initial-step", "the first step", in: PluginParameter.positive),
  .number("max-step", "the longest step", in: PluginParameter.positive),
]

/// SUNDIALS has a norm of its own; who asks for another is told.
let sundialsNorm = PluginParameter.choice(
  "norm", "of the local error: SUNDIALS' own, the mean over the components", ["wrms"])

extension IntegratorsPlugin {
  static func registerCVODE(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "cvode-adams", summary: "SUNDIALS CVODE, Adams-Moulton of orders 1 to 12, fixed-point iteration",
      parameters: [
        .choice("iteration", "for the implicit equations", ["fixed-point", "newton"]),
        .integer("anderson", "vectors of Anderson acceleration", default: 0, in: 0...20),
        .integer("max-order", "the highest order", default: 12, in: 1...12), sundialsNorm,
      ] + stepLimits, citation: sundials
    ) { arguments in
      let nonlinear = arguments.choice(
        "iteration",
        [
          "fixed-point": CVODEAdams.Nonlinear.fixedPoint(anderson: arguments.integer("anderson")),
          "newton": .newton(),
        ])
      let maxOrder = arguments.integer("max-order")
      let initialStep = arguments.optionalNumber("initial-step")
      let maxStep = arguments.optionalNumber("max-step")
      return {
        CVODEAdams(
          rtol: $0.rtol, atol: $0.atol, atols: $0.atols, nonlinear: nonlinear, maxOrder: maxOrder,
          initialStep: initialStep ?? $0.initialStep, maxStep: maxStep)
      }
    }
    try catalog.integrators.add(
      "cvode-bdf", summary: "SUNDIALS CVODE, BDF of orders 1 to 5 with Newton, for stiff problems",
      parameters: [
        .choice(
          "linear", "solver of Newton's systems",
          ["automatic", "structured", "dense", "banded", "sparse", "spgmr", "spgmr-banded"]),
        .integer("band", "half the width of spgmr-banded's preconditioner", default: 1, in: 0...1000),
        .integer("krylov", "dimension of spgmr's subspaces", default: 5, in: 1...1000),
        .integer("max-order", "the highest order", default: 5, in: 1...5),
        .number("iteration", "what Newton's iteration may leave, in tolerances", in: 1e-6...1),
        sundialsNorm,
      ] + stepLimits, citation: sundials
    ) { arguments in
      let linear = arguments.choice(
        "linear",
        [
          "automatic": CVODELinearSolver.automatic, "structured": .structured, "dense": .dense,
          "banded": .banded, "sparse": .sparse,
          "spgmr": .spgmr(krylovDimension: arguments.integer("krylov")),
          "spgmr-banded": .spgmrBanded(
            krylovDimension: arguments.integer("krylov"), lower: arguments.integer("band"),
            upper: arguments.integer("band")),
        ])
      let maxOrder = arguments.integer("max-order")
      let initialStep = arguments.optionalNumber("initial-step")
      let maxStep = arguments.optionalNumber("max-step")
      let iteration = arguments.optionalNumber("iteration")
      return {
        var method = CVODEBDF(
          rtol: $0.rtol, atol: $0.atol, atols: $0.atols, linearSolver: linear, maxOrder: maxOrder,
          initialStep: initialStep ?? $0.initialStep, maxStep: maxStep)
        method.iterationTolerance = iteration
        return method
      }
    }
  }
}
