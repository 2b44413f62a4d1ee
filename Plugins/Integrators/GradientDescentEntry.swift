import PluginKit
import TrainingDynamics

extension IntegratorsPlugin {
  static func registerGradientDescent(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add(
      "gradient-descent", summary: "full-batch gradient descent with a learning rate and momentum",
      parameters: [
        .number(
          "learning-rate", "--step, or a twentieth of the stability limit at the start, unless given",
          in: PluginParameter.positive),
        .number("momentum", "none, or what the dynamics say", in: 0...0.999_999),
        .choice("look-ahead", "Nesterov's: the gradient where momentum leads", ["no", "yes"]),
      ],
      citation: "Polyak, USSR Comput. Math. Math. Phys. 4(5) (1964) 1-17, doi:10.1016/0041-5553(64)90137-5"
    ) { arguments in
      let rate = arguments.optionalNumber("learning-rate")
      let momentum = arguments.optionalNumber("momentum")
      let looksAhead = arguments.choice("look-ahead", ["no": false, "yes": true])
      return {
        var descent = GradientDescent(
          learningRate: rate ?? $0.fixedStep, momentum: momentum, looksAhead: looksAhead)
        descent.stepScale = $0.stepScale
        return descent
      }
    }
  }
}
