import ObserversPlugins
import PluginKit
import Testing

@Suite("The plug-in of observers")
struct ObserversPluginTests {
  private func catalog() throws -> PluginCatalog {
    var catalog = PluginCatalog()
    try catalog.register(ObserversPlugin.self)
    return catalog
  }

  @Test("makes each of its observers under its own name")
  func names() throws {
    let catalog = try catalog()
    let names = catalog.observers.entries.map(\.name)
    #expect(
      names == [
        "condensation", "conservation", "energy", "gram", "linearization", "loss-decay", "neuron-bound",
        "relative-distance", "residuals", "sharpness", "spectrum",
      ])
    for name in names { #expect(try catalog.observers.make(name).name == name) }
  }

  @Test("takes the threshold of condensation in degrees, by position or by name")
  func arguments() throws {
    let observers = try catalog().observers
    _ = try observers.make("condensation:10")
    _ = try observers.make("condensation:threshold=10,share=0.05,bins=36,leaders=8")
    for wrong in ["condensation:0", "condensation:threshold=91", "condensation:bins=1.5", "energy:3"] {
      #expect(throws: PluginError.self, "\(wrong)") { try observers.make(wrong) }
    }
  }
}
