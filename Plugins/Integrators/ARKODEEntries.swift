import ODECore
import PluginKit
import SundialsIntegrators

private let citation = "Reynolds et al., ACM TOMS 49 (2023) 19, doi:10.1145/3594632"

/// ARKODE's own names, in lower case, for embedded tables.
private let explicitTables = [
  "heun-euler-2-1-2", "bogacki-shampine-4-2-3", "zonneveld-5-3-4", "cash-karp-6-4-5", "fehlberg-6-4-5",
  "dormand-prince-7-4-5", "sayfy-aburub-6-3-4", "verner-8-5-6", "fehlberg-13-7-8",
]
private let implicitTables = [
  "sdirk-2-1-2", "billington-3-3-2", "trbdf2-3-3-2", "kvaerno-4-2-3", "cash-5-2-4", "cash-5-3-4",
  "sdirk-5-3-4", "kvaerno-5-3-4", "kvaerno-7-4-5", "esdirk324l2sa-4-2-3", "esdirk325l2sa-5-2-3",
  "esdirk32i5l2sa-5-2-3", "esdirk436l2sa-6-3-4", "esdirk43i6l2sa-6-3-4", "qesdirk436l2sa-6-3-4",
  "esdirk437l2sa-7-3-4", "esdirk547l2sa-7-4-5", "esdirk547l2sa2-7-4-5",
]

extension IntegratorsPlugin {
  static func registerARKODE(in catalog: inout PluginCatalog) throws {
    try add(
      .explicit, "SUNDIALS ARKODE, explicit Runge-Kutta of orders 2 to 8", orders: 2...8, explicitTables,
      in: &catalog)
    try add(
      .diagonallyImplicit,
      "SUNDIALS ARKODE, diagonally implicit Runge-Kutta of orders 2 to 5, for stiff problems",
      orders: 2...5, implicitTables, in: &catalog)
    try add(
      .additive, "SUNDIALS ARKODE, additive Runge-Kutta of orders 3 to 5, for systems that split f",
      orders: 3...5, [], in: &catalog)
  }

  private static func add(
    _ kind: ARKODE.Kind, _ summary: String, orders: ClosedRange<Int>, _ tables: [String],
    in catalog: inout PluginCatalog
  ) throws {
    let byOrder = "by-order"
    let table: [PluginParameter] =
      tables.isEmpty ? [] : [.choice("table", "the Butcher table, by name", [byOrder] + tables)]
    try catalog.integrators.add(
      ARKODE(kind).name, summary: summary,
      parameters: [.integer("order", "of the default table", default: 4, in: orders)] + table
        + [sundialsNorm] + stepLimits,
      citation: citation
    ) { arguments in
      let order = arguments.integer("order")
      let words = Dictionary(uniqueKeysWithValues: ([byOrder] + tables).map { ($0, $0) })
      let name = tables.isEmpty ? byOrder : arguments.choice("table", words)
      let initialStep = arguments.optionalNumber("initial-step")
      let maxStep = arguments.optionalNumber("max-step")
      return {
        ARKODE(
          kind, rtol: $0.rtol, atol: $0.atol, atols: $0.atols, order: order,
          table: name == byOrder
            ? nil : "ARKODE_" + name.uppercased().map { $0 == "-" ? "_" : String($0) }.joined(),
          initialStep: initialStep ?? $0.initialStep, maxStep: maxStep)
      }
    }
  }
}
