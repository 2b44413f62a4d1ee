import ExponentialIntegrators
import ODECore
import PluginKit

extension IntegratorsPlugin {
  static func registerExponential(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "exponential", summary: "exponential integrators: the stiff linear part is taken exactly",
      parameters: stepLimits,
      citation: "Hochbruck, Ostermann, Acta Numerica 19 (2010) 209-286, doi:10.1017/S0962492910000048"
    ) { arguments in
      let initialStep = arguments.optionalNumber("initial-step")
      let maxStep = arguments.optionalNumber("max-step") ?? .infinity
      return { ResidualMagnus(rtol: $0.rtol, initialStep: initialStep, maxStep: maxStep) }
    }
  }
}
