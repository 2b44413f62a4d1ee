import ODECore
import PluginKit
import RungeKutta

extension IntegratorsPlugin {
  static func registerRungeKutta(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "euler", summary: "explicit Euler with fixed steps (--step): gradient descent",
      usage: ":fraction=F"
    ) { arguments in
      let fraction = try fraction(arguments, default: 0.05)
      return { Euler(step: fixedStep($0, fraction), threads: $0.threads) }
    }
    try catalog.integrators.add(
      "rk4", summary: "classical Runge-Kutta of order 4 with fixed steps (--step)",
      usage: ":fraction=F"
    ) { arguments in
      let fraction = try fraction(arguments, default: 0.25)
      return { ClassicalRK4(step: fixedStep($0, fraction), threads: $0.threads) }
    }
    try catalog.integrators.add(
      "dormand-prince", summary: "explicit Runge-Kutta 5(4) with error control and dense output",
      usage: ":norm=wrms|max|state,initial-step=H,max-step=H,stability-limit=on|off"
    ) { arguments in
      let control = try control(arguments)
      return { DormandPrince(control($0)) }
    }
    try catalog.integrators.add(
      "bogacki-shampine", summary: "explicit Runge-Kutta 3(2) with error control, for loose tolerances",
      usage: ":norm=wrms|max|state,initial-step=H,max-step=H,stability-limit=on|off"
    ) { arguments in
      let control = try control(arguments)
      return { BogackiShampine(control($0)) }
    }
    try catalog.integrators.add(
      "rkc", summary: "stabilised explicit Runge-Kutta-Chebyshev of order 2, for stiff smooth flows",
      usage: ":norm=wrms|max|state,initial-step=H,max-step=H,rho=automatic|power"
    ) { arguments in
      let control = try control(arguments, pair: false)
      let rho = try arguments.choice(
        "rho", among: ["automatic": .automatic, "power": .powerMethod],
        default: RKC.SpectralRadius.automatic)
      return { RKC(control($0), spectralRadius: rho) }
    }
  }

  /// The fraction of the stability limit that an automatic step takes.
  private static func fraction(_ arguments: PluginArguments, default fallback: Double) throws -> Double {
    try arguments.number("fraction", position: 0, default: fallback, in: 1e-9...1)
  }

  private static func fixedStep(_ settings: IntegratorSettings, _ fraction: Double) -> FixedStep {
    settings.fixedStep.map { .value($0 * settings.stepScale) }
      ?? .automatic(fraction: fraction * settings.stepScale)
  }

  /// - Parameter pair: whether the method is an embedded pair, whose step stability may limit.
  private static func control(
    _ arguments: PluginArguments, pair: Bool = true
  ) throws -> (IntegratorSettings) -> StepControl {
    let norms: [String: any ErrorNorm] = ["wrms": WRMSNorm(), "max": MaxNorm(), "state": StateNorm()]
    let norm = try arguments.choice("norm", among: norms, default: WRMSNorm())
    let initialStep = try arguments.positive("initial-step")
    let maxStep = try arguments.positive("max-step") ?? .infinity
    let limits =
      !pair
      ? true : try arguments.choice("stability-limit", among: ["on": true, "off": false], default: true)
    return {
      StepControl(
        rtol: $0.rtol, atol: $0.atol, norm: norm, initialStep: initialStep, maxStep: maxStep,
        limitsStepByStability: limits, threads: $0.threads)
    }
  }
}
