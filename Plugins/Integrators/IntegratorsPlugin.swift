import PluginKit

/// The built-in integrators.
public enum IntegratorsPlugin: PluginFamily {
  public static let information = PluginInformation(name: "built-in")

  public static func register(in catalog: inout PluginCatalog) throws {
    try catalog.integrators.add("auto", summary: "picks a method by the problem, and says why") { _ in
      { Automatic(rtol: $0.rtol, atol: $0.atol, atols: $0.atols, threads: $0.threads) }
    }
    try registerRungeKutta(in: &catalog)
    try registerGradientDescent(in: &catalog)
    try registerImplicit(in: &catalog)
    try registerCVODE(in: &catalog)
    try registerARKODE(in: &catalog)
    try registerKinkAware(in: &catalog)
    try registerExponential(in: &catalog)
  }
}
