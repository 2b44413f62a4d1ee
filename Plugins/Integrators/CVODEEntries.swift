import ODECore
import PluginKit
import SundialsIntegrators

extension IntegratorsPlugin {
  static func registerCVODE(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "cvode-adams", summary: "SUNDIALS CVODE, Adams-Moulton of orders 1 to 12, fixed-point iteration",
      usage: ":iteration=fixed-point|newton,anderson=M,max-order=Q,initial-step=H,max-step=H"
    ) { arguments in
      let anderson = try arguments.integer("anderson", default: 0, in: 0...20)
      let nonlinear = try arguments.choice(
        "iteration", among: ["fixed-point": .fixedPoint(anderson: anderson), "newton": .newton()],
        default: CVODEAdams.Nonlinear.fixedPoint(anderson: anderson))
      let maxOrder = try arguments.integer("max-order", default: 12, in: 1...12)
      let initialStep = try arguments.positive("initial-step")
      let maxStep = try arguments.positive("max-step")
      return {
        CVODEAdams(
          rtol: $0.rtol, atol: $0.atol, nonlinear: nonlinear, maxOrder: maxOrder,
          initialStep: initialStep, maxStep: maxStep)
      }
    }
    try catalog.integrators.add(
      "cvode-bdf", summary: "SUNDIALS CVODE, BDF of orders 1 to 5 with Newton, for stiff problems",
      usage: ":linear=automatic|structured|dense|spgmr,krylov=K,max-order=Q,initial-step=H,max-step=H"
    ) { arguments in
      let krylov = try arguments.integer("krylov", default: 5, in: 1...1000)
      let linear = try arguments.choice(
        "linear",
        among: [
          "automatic": .automatic, "structured": .structured, "dense": .dense,
          "spgmr": .spgmr(krylovDimension: krylov),
        ],
        default: CVODELinearSolver.automatic)
      let maxOrder = try arguments.integer("max-order", default: 5, in: 1...5)
      let initialStep = try arguments.positive("initial-step")
      let maxStep = try arguments.positive("max-step")
      return {
        CVODEBDF(
          rtol: $0.rtol, atol: $0.atol, linearSolver: linear, maxOrder: maxOrder,
          initialStep: initialStep, maxStep: maxStep)
      }
    }
  }
}
