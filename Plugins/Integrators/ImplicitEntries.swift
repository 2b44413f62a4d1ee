import ImplicitRungeKutta
import PluginKit
import RungeKutta

extension IntegratorsPlugin {
  static func registerImplicit(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "radau", summary: "implicit Runge-Kutta Radau IIA of order 5 with Newton, for stiff problems",
      parameters: [localErrorNorm(["max", "wrms", "state"])] + stepLimits,
      citation:
        "Hairer, Wanner, J. Comput. Appl. Math. 111 (1999) 93-111, doi:10.1016/S0377-0427(99)00134-X"
    ) { arguments in
      let control = control(arguments, pair: false)
      return { try Radau(control($0)) }
    }
    try catalog.integrators.add(
      "rodas", summary: "Rosenbrock method of orders 4(3), for stiff problems at loose tolerances",
      parameters: [localErrorNorm] + stepLimits,
      citation: "Hairer, Wanner, Solving Ordinary Differential Equations II, 2nd ed. (1996), IV.10"
    ) { arguments in
      let control = control(arguments, pair: false)
      return {
        var control = try control($0)
        control.controller = PIController(maxFactor: 6, beta: 0)
        return Rodas(control)
      }
    }
  }
}
