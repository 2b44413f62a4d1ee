import ODECore
import PluginKit
import RungeKutta

extension IntegratorsPlugin {
  static func registerRungeKutta(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "euler", summary: "explicit Euler with fixed steps (--step): gradient descent",
      parameters: [fraction(default: 0.05)]
    ) { arguments in
      let fraction = arguments.number("fraction")
      return { Euler(step: fixedStep($0, fraction), threads: $0.threads) }
    }
    try catalog.integrators.add(
      "rk4", summary: "classical Runge-Kutta of order 4 with fixed steps (--step)",
      parameters: [fraction(default: 0.25)], citation: "Kutta, Z. Math. Phys. 46 (1901) 435-453"
    ) { arguments in
      let fraction = arguments.number("fraction")
      return { ClassicalRK4(step: fixedStep($0, fraction), threads: $0.threads) }
    }
    try catalog.integrators.add(
      "verlet", summary: "symplectic, fixed steps (--step), for systems that declare q and p",
      parameters: [
        .choice("order", "2: Stoermer-Verlet; 4: Suzuki's composition of it", ["2", "4"])
      ],
      citation: "Verlet, Phys. Rev. 159 (1967) 98-103, doi:10.1103/PhysRev.159.98"
    ) { arguments in
      let order = arguments.choice("order", ["2": 2, "4": 4])
      // Without a step it refuses, with a sentence.
      return { Verlet(step: ($0.fixedStep ?? .nan) * $0.stepScale, order: order) }
    }
    try catalog.integrators.add(
      "dormand-prince", summary: "explicit Runge-Kutta 5(4) with error control and dense output",
      parameters: [localErrorNorm] + stepLimits + [stabilityLimit],
      citation:
        "Dormand, Prince, J. Comput. Appl. Math. 6 (1980) 19-26, doi:10.1016/0771-050X(80)90013-3"
    ) { arguments in
      let control = control(arguments)
      return { try DormandPrince(control($0)) }
    }
    try catalog.integrators.add(
      "dop853", summary: "explicit Runge-Kutta 8(5,3) with error control, for tight tolerances",
      parameters: [localErrorNorm] + stepLimits + [stabilityLimit],
      citation:
        "Dormand, Prince, J. Comput. Appl. Math. 7 (1981) 67-75, doi:10.1016/0771-050X(81)90010-3"
    ) { arguments in
      let control = control(arguments)
      return {
        var control = try control($0)
        control.controller = PIController(beta: 0)
        return DOP853(control)
      }
    }
    try catalog.integrators.add(
      "bogacki-shampine", summary: "explicit Runge-Kutta 3(2) with error control, for loose tolerances",
      parameters: [localErrorNorm] + stepLimits + [stabilityLimit],
      citation: "Bogacki, Shampine, Appl. Math. Lett. 2 (1989) 321-325, doi:10.1016/0893-9659(89)90079-7"
    ) { arguments in
      let control = control(arguments)
      return { try BogackiShampine(control($0)) }
    }
    try catalog.integrators.add(
      "rkc", summary: "stabilised explicit Runge-Kutta-Chebyshev of order 2, for stiff smooth flows",
      parameters: [localErrorNorm] + stepLimits + [
        .choice("rho", "the spectral radius: the system's own, or measured", ["automatic", "power"])
      ],
      citation:
        "Sommeijer, Shampine, Verwer, J. Comput. Appl. Math. 88 (1998) 315-326, doi:10.1016/S0377-0427(97)00219-7"
    ) { arguments in
      let control = control(arguments, pair: false)
      let rho = arguments.choice("rho", ["automatic": RKC.SpectralRadius.automatic, "power": .powerMethod])
      return { try RKC(control($0), spectralRadius: rho) }
    }
  }

  /// The fraction of the stability limit that an automatic step takes.
  private static func fraction(default fallback: Double) -> PluginParameter {
    .number("fraction", "of the stability limit, for --step auto", default: fallback, in: 1e-9...1)
  }

  static let localErrorNorm = localErrorNorm(["wrms", "max", "state"])
  /// - Parameter names: the default first.
  static func localErrorNorm(_ names: [String]) -> PluginParameter {
    .choice("norm", "of the local error", names)
  }
  private static let stabilityLimit = PluginParameter.choice(
    "stability-limit", "whether stability limits the step beforehand", ["on", "off"])

  private static func fixedStep(_ settings: IntegratorSettings, _ fraction: Double) -> FixedStep {
    settings.fixedStep.map { .value($0 * settings.stepScale) }
      ?? .automatic(fraction: fraction * settings.stepScale)
  }

  /// - Parameter pair: whether the method is an embedded pair, whose step stability may limit.
  static func control(
    _ arguments: PluginArguments, pair: Bool = true
  ) -> (IntegratorSettings) throws -> StepControl {
    let takesComponents = !arguments.choice("norm", ["wrms": false, "max": false, "state": true])
    let norm: any ErrorNorm = arguments.choice(
      "norm", ["wrms": WRMSNorm(), "max": MaxNorm(), "state": StateNorm()])
    let initialStep = arguments.optionalNumber("initial-step")
    let maxStep = arguments.optionalNumber("max-step") ?? .infinity
    let limits = !pair || arguments.choice("stability-limit", ["on": true, "off": false])
    return {
      if !takesComponents { try $0.requireOneTolerance(of: "\(arguments.plugin)(norm: state)") }
      var control = StepControl(
        rtol: $0.rtol, atol: $0.atol, norm: norm, initialStep: initialStep ?? $0.initialStep,
        maxStep: maxStep,
        limitsStepByStability: limits, threads: $0.threads)
      control.atols = $0.atols
      return control
    }
  }
}
