import KinkAwareIntegrator
import PluginKit

extension IntegratorsPlugin {
  static func registerKinkAware(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "kink-aware",
      summary:
        "piecewise-linear activations: neurons slide on kinks; Radau IIA with exact neurons",
      usage: ":stages=3,repelling=steepest|stay"
    ) { arguments in
      let stages = try arguments.integer("stages", default: 3, in: KinkAware.stageRange)
      let repelling = try arguments.choice(
        "repelling", among: ["steepest": .steepest, "stay": .stay], default: KinkAware.Repelling.steepest)
      return { KinkAware(rtol: $0.rtol, stages: stages, repelling: repelling) }
    }
  }
}
