import ExponentialIntegrators
import ODECore
import PluginKit
import RungeKutta

extension IntegratorsPlugin {
  static func registerExponential(in catalog: inout PluginCatalog) throws {
    let tables = ExponentialMethod.all
    var methods: [String: Exponential.Method] = ["automatic": .automatic, "magnus": .magnus]
    for table in tables { methods[table.name] = .rungeKutta(table) }
    try catalog.integrators.add(
      "exponential",
      summary: "exponential integrators: stiff linear parts exactly, flows in the space of residuals",
      parameters: [
        .choice("method", "of the family", ["automatic", "magnus"] + tables.map(\.name)), localErrorNorm,
      ] + stepLimits,
      citation: "Hochbruck, Ostermann, Acta Numerica 19 (2010) 209-286, doi:10.1017/S0962492910000048"
    ) { [methods] arguments in
      let method = arguments.choice("method", methods)
      let control = control(arguments, pair: false)
      return { try Exponential(method, control($0)) }
    }
  }
}
