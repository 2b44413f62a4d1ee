import PluginKit

/// The built-in integrators.
public enum IntegratorsPlugin: Plugin {
  public static func register(in catalog: inout PluginCatalog) throws {
    try registerRungeKutta(in: &catalog)
    try registerCVODE(in: &catalog)
    try registerKinkAware(in: &catalog)
  }
}
