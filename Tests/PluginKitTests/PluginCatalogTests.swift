import Networks
import Testing

import PluginKit

@Suite struct PluginCatalogTests {
  private static func table(_ names: String...) throws -> PluginTable<String> {
    var table = PluginTable<String>(kind: "fruit")
    for name in names {
      try table.add(name, summary: "a fruit") { "\(name) \($0.text("colour", position: 0) ?? "green")" }
    }
    return table
  }

  @Test("A product is made by its name, with or without arguments")
  func make() throws {
    let table = try Self.table("apple", "pear")
    #expect(try table.make("pear") == "pear green")
    #expect(try table.make("apple:red") == "apple red")
    #expect(try table.make("apple:colour=red") == "apple red")
    #expect(table.entries.map(\.name) == ["apple", "pear"])
  }

  @Test("A second plug-in of the same name is rejected")
  func duplicate() throws {
    var table = try Self.table("apple")
    #expect(throws: PluginError.duplicate(kind: "fruit", name: "apple", origin: "")) {
      try table.add("apple", summary: "another") { _ in "" }
    }
    #expect(try table.make("apple") == "apple green")
  }

  @Test(
    "A name that no user could type is rejected", arguments: ["", "a:b", "a,b", "a=b", "a b", "a/b", "a(b"])
  func badName(name: String) {
    #expect(throws: PluginError.badName(kind: "fruit", name: name)) { try Self.table(name) }
  }

  @Test(
    "A misspelt name gets the nearest names",
    arguments: [
      ("aple", ["apple"]), ("Apple", ["apple"]), ("pera", ["pear"]), ("app", ["apple"]), ("zucchini", []),
    ])
  func nearMisses(asked: String, expected: [String]) throws {
    let table = try Self.table("apple", "pear", "fig-of-the-garden")
    #expect(
      throws: PluginError.unknown(
        kind: "fruit", name: asked, nearMisses: expected,
        known: ["apple", "fig-of-the-garden", "pear"])
    ) { _ = try table.make(asked) }
  }

  @Test("An argument too many is an error")
  func tooMany() throws {
    let table = try Self.table("apple")
    #expect(
      throws: PluginError.badArgument(plugin: "apple", argument: "big", expected: "no further value")
    ) { _ = try table.make("apple:red,big") }
  }

  private enum Halves: PluginFamily {
    static func register(in catalog: inout PluginCatalog) throws {
      try catalog.datasets.add("first", summary: "") { _ in
        try Dataset(name: "first", features: [[1]], targets: [1])
      }
      try catalog.datasets.add("taken", summary: "") { _ in
        try Dataset(name: "taken", features: [[1]], targets: [1])
      }
    }
  }

  @Test("A plug-in that cannot be registered wholly leaves nothing behind")
  func allOrNothing() throws {
    var catalog = PluginCatalog()
    try catalog.datasets.add("taken", summary: "") { _ in
      try Dataset(name: "old", features: [[1]], targets: [1])
    }
    #expect(throws: PluginError.duplicate(kind: "data set", name: "taken", origin: "")) {
      try catalog.register(Halves.self)
    }
    #expect(catalog.datasets.entries.map(\.name) == ["taken"])
    #expect(try catalog.datasets.make("taken").name == "old")
  }

  @Test("Whoever brings a plug-in is its origin, and is named when another one brings the same")
  func origin() throws {
    var catalog = PluginCatalog()
    try catalog.register(Halves.self)
    #expect(catalog.datasets.entries.map(\.origin) == ["Halves", "Halves"])
    let error = #expect(throws: PluginError.self) { try catalog.register(Halves.self) }
    #expect(
      error.map { "\($0)" }?.contains("named 'first' for data set, from Halves; take another name") == true)
  }

  @Test("Messages say what is known or meant")
  func messages() throws {
    let unknown = PluginError.unknown(kind: "loss", name: "mae", nearMisses: [], known: ["huber", "mse"])
    #expect("\(unknown)" == "unknown loss 'mae'; known are huber, mse")
    let near = PluginError.unknown(kind: "loss", name: "mes", nearMisses: ["mse"], known: [])
    #expect("\(near)" == "unknown loss 'mes'; did you mean 'mse'?")
  }
}
