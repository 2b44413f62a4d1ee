import KinkAwareIntegrator
import PluginKit

extension IntegratorsPlugin {
  static func registerKinkAware(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "kink-aware",
      summary:
        "piecewise-linear activations: neurons slide on kinks; Radau IIA with exact neurons",
      parameters: [
        .integer("stages", "of Radau IIA; the order is 2 stages - 1", default: 3, in: KinkAware.stageRange),
        .choice("repelling", "what a neuron on a repelling kink does", ["steepest", "stay"]),
      ],
      citation: "Filippov, Differential Equations with Discontinuous Righthand Sides (1988)"
    ) { arguments in
      let stages = arguments.integer("stages")
      let repelling = arguments.choice(
        "repelling", ["steepest": KinkAware.Repelling.steepest, "stay": .stay])
      return { KinkAware(rtol: $0.rtol, stages: stages, repelling: repelling) }
    }
  }
}
