import Testing

import PluginKit

@Suite struct PluginArgumentsTests {
  @Test("Values are found by key or by position")
  func keysAndPositions() throws {
    let arguments = try PluginArguments(plugin: "p", text: "first,slope=0.5,second")
    #expect(arguments.text("a", position: 0) == "first")
    #expect(arguments.text("b", position: 1) == "second")
    #expect(try arguments.number("slope", default: 1) == 0.5)
    #expect(arguments.text("absent") == nil)
    #expect(try arguments.number("absent", default: 3) == 3)
    #expect(try arguments.integer("absent", default: 4, in: 0...9) == 4)
    #expect(try arguments.integer("absent", in: 0...9) == nil)
    try arguments.requireAllRead()
  }

  @Test("A key before a position, with the same value asked for")
  func keyWins() throws {
    let arguments = try PluginArguments(plugin: "p", text: "7,n=8")
    #expect(try arguments.integer("n", position: 0, default: 1, in: 0...9) == 8)
    #expect(
      throws: PluginError.badArgument(plugin: "p", argument: "7", expected: "no further value")
    ) { try arguments.requireAllRead() }
  }

  @Test("Only the first equals sign separates key and value")
  func equalsSignInValue() throws {
    #expect(try PluginArguments(plugin: "p", text: "k=a=b").text("k") == "a=b")
  }

  @Test("No text means no arguments")
  func noText() throws {
    let arguments = try PluginArguments(plugin: "p", text: "")
    #expect(arguments.text("x", position: 0) == nil)
    try arguments.requireAllRead()
  }

  @Test(
    "Empty values, empty keys and keys given twice are rejected",
    arguments: ["a,,b", "k=", "=3", ",", "k=1,k=2"])
  func malformed(text: String) {
    #expect(throws: PluginError.self) { try PluginArguments(plugin: "p", text: text) }
  }

  @Test(
    "What is no finite number in the range is rejected",
    arguments: ["x", "nan", "inf", "1e999", "-1", "11", "1,5"])
  func badNumbers(text: String) throws {
    let arguments = try PluginArguments(plugin: "p", text: "v=\(text)")
    #expect {
      _ = try arguments.number("v", default: 0, in: 0...10)
      try arguments.requireAllRead()
    } throws: { "\($0)".hasPrefix("'p' got '") }
  }

  @Test(
    "What is no whole number in the range is rejected",
    arguments: ["x", "1.5", "-1", "11", "99999999999999999999"])
  func badIntegers(text: String) throws {
    let arguments = try PluginArguments(plugin: "p", text: text)
    #expect(
      throws: PluginError.badArgument(
        plugin: "p", argument: "n=\(text)", expected: "a whole number from 0 to 10")
    ) { _ = try arguments.integer("n", position: 0, default: 0, in: 0...10) }
  }

  @Test("An argument that nobody reads is an error that shows it as written")
  func unread() throws {
    let arguments = try PluginArguments(plugin: "p", text: "slop=0.5")
    _ = arguments.text("slope", position: 0)
    #expect(
      throws: PluginError.badArgument(
        plugin: "p", argument: "slop=0.5", expected: "no argument of that name")
    ) { try arguments.requireAllRead() }
  }
}
