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

  private static let declared: [PluginParameter] = [
    .number("beta", "steepness", default: 1, in: 0...100), .integer("n", "how many", default: 2, in: 1...9),
    .choice("norm", "of the error", ["max", "wrms"]), .number("step", "a step", in: PluginParameter.positive),
  ]

  private func declared(_ text: String) throws -> PluginArguments {
    try PluginArguments(plugin: "p", text: text, parameters: Self.declared)
  }

  @Test(
    "Declared parameters are given by key, with a colon or an equals sign, or in their order",
    arguments: ["beta: 20, n: 3", "beta=20,n=3", "20,3", "20, n : 3", "n=3,beta: 20"])
  func declaredValues(text: String) throws {
    let arguments = try declared(text)
    #expect(arguments.number("beta") == 20 && arguments.integer("n") == 3)
    #expect(arguments.choice("norm", ["max": 7, "wrms": 8]) == 7)
    #expect(arguments.optionalNumber("step") == nil)
    try arguments.requireAllRead()
  }

  @Test(
    "What contradicts a declaration is refused with what would be right",
    arguments: [
      ("beta: 101", "a number from 0 to 100"), ("beta: nan", "a number"),
      ("n: 2.5", "a whole number from 1 to 9"),
      ("norm: l2", "max, wrms"), ("betta: 1", "'beta', 'n', 'norm', 'step'"), ("1,2,max,3,4", "no further"),
      ("step: 0", "a number above 0"), ("5, beta: 6", "only once"),
    ])
  func refusals(text: String, expected: String) throws {
    let error = #expect(throws: PluginError.self) { try declared(text) }
    #expect(error.map { "\($0)" }?.contains(expected) == true, "\(String(describing: error))")
  }

  @Test("A required parameter must be given")
  func required() throws {
    let parameters: [PluginParameter] = [.integer("p", "the power", in: 1...64, required: true)]
    let error = #expect(throws: PluginError.self) {
      try PluginArguments(plugin: "monomial", text: "", parameters: parameters)
    }
    #expect(error.map { "\($0)" }?.contains("monomial(p: ...)") == true)
  }

  @Test("A specification is a name with arguments in parentheses or after a colon; lists split outside them")
  func specifications() throws {
    for (text, name, arguments) in [
      ("softplus(beta: 20)", "softplus", "beta: 20"), ("softplus:beta=20", "softplus", "beta=20"),
      ("softplus", "softplus", ""), (" softplus ( 20 ) ", "softplus", "20"),
      ("idx:a(b).gz", "idx", "a(b).gz"),
    ] {
      let specification = try PluginSpecification(text)
      #expect(specification.name == name && specification.arguments == arguments)
    }
    #expect(throws: PluginError.self) { try PluginSpecification("softplus(beta: 20") }
    #expect(PluginSpecification.split("a(x: 1, y: 2), b:3,c") == ["a(x: 1, y: 2)", "b:3", "c"])
  }
}
