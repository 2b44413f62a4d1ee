import BuiltinPlugins
import Foundation
import Studies
import Testing

@Suite("A configuration") struct ConfigurationTests {
  @Test(
    "survives a round trip through YAML",
    arguments: [
      RunConfiguration(),
      {
        var c = RunConfiguration()
        (c.gamma, c.gammaPrime, c.alpha, c.beta1, c.beta2) = (nil, nil, 2, 0.1, 3)
        (c.step, c.stopLoss, c.tEnd, c.observe) = (.value(0.25), 1e-9, 1e8, ["energy"])
        (c.initialState, c.plugin, c.recordNeurons) = ("start.npy", ["a.so"], true)
        return c
      }(),
    ])
  func roundTrip(configuration: RunConfiguration) throws {
    #expect(try RunConfiguration(yaml: configuration.yaml) == configuration)
  }

  @Test("keeps the default of what a file does not mention")
  func defaults() throws {
    let c = try RunConfiguration(yaml: "gamma: 1.75\nobserve: [energy]\n")
    #expect(c.gamma == 1.75)
    #expect(c.observe == ["energy"])
    #expect(c.width == 1000)
    #expect(try RunConfiguration(yaml: "") == RunConfiguration())
  }

  @Test(
    "takes a plug-in's parameters as a mapping, in quotes, and with an equals sign",
    arguments: [
      "activation: {softplus: {beta: 20}}\nobserve: [{condensation: {threshold: 3, share: 0.1}}, energy]",
      "activation: \"softplus(beta: 20)\"\nobserve:\n  - 'condensation(threshold: 3, share: 0.1)'\n  - energy",
      "{activation: 'softplus(beta: 20)', observe: ['condensation(threshold: 3, share: 0.1)', energy]}",
    ])
  func specifications(yaml: String) throws {
    let c = try RunConfiguration(yaml: yaml)
    #expect(c.activation == "softplus(beta: 20)")
    #expect(c.observe == ["condensation(threshold: 3, share: 0.1)", "energy"])
    #expect(try RunConfiguration(yaml: c.yaml) == c)
    #expect(try RunConfiguration(yaml: "activation: softplus:beta=20").activation == "softplus:beta=20")
  }

  @Test(
    "says what YAML wants where parentheses stand without quotes",
    arguments: [
      "activation: softplus(beta: 20)", "observe: [condensation(threshold: 4, share: 0.02)]",
      "system: prey.so(rate: 0.5)", "observe:\n  - condensation(threshold: 3, share: 0.1)",
    ])
  func unquoted(yaml: String) throws {
    let error = #expect(throws: UsageError.self) { try RunConfiguration(yaml: yaml) }
    #expect(error?.description.contains("quotation marks") == true, "\(error?.description ?? "")")
  }

  @Test("reads whole numbers as decimal ones, and a text in quotes as no number")
  func decimal() throws {
    // YAML 1.1 would read these as octal: 64 and 8.
    let c = try RunConfiguration(yaml: "{width: 0100, seed: 010}")
    #expect(c.width == 100 && c.seed == 10)
    for yaml in ["width: 0x10", "width: '100'", "width: 1e2", "seed: -1", "seed: 18446744073709551616"] {
      #expect(throws: UsageError.self) { try RunConfiguration(yaml: yaml) }
    }
    #expect(try RunConfiguration(yaml: "seed: 18446744073709551615").seed == .max)
  }

  @Test("of a system keeps every digit, and every key is written and read back")
  func systemDigits() throws {
    // 0.1 + 0.2, and the Arenstorf orbit's period.
    for end in [0.30000000000000004, 17.065216560157964, 5e-324, 1.7976931348623157e308] {
      var c = RunConfiguration(system: "lorenz")
      (c.tEnd, c.rtol) = (end, 1.0 / 3)
      let back = try RunConfiguration(yaml: c.yaml)
      #expect(back.tEnd == end && back.rtol == 1.0 / 3 && back.isOfSystem)
      #expect(try back.yaml == c.yaml)
    }
  }

  @Test(
    "takes a list of numbers as a list, as one number and as a text with commas",
    arguments: [
      ("[1.0e-9, 0.25]", [1e-9, 0.25]), ("1e-9", [1e-9]), ("'1e-9, 0.25'", [1e-9, 0.25]), ("[]", []),
    ])
  func numbers(yaml: String, expected: [Double]) throws {
    let c = try RunConfiguration(yaml: "{system: lorenz, component-atol: \(yaml)}")
    #expect(c.componentAtol == expected)
    #expect(try RunConfiguration(yaml: c.yaml) == c)
    for wrong in ["[a]", "'1,,2'", "[-1]", "[.inf]", "{a: 1}"] {
      #expect(throws: UsageError.self) {
        try Run(
          RunConfiguration(yaml: "{system: lorenz, component-atol: \(wrong)}"), BuiltinPlugins.catalog(),
          out: nil)
      }
    }
  }

  @Test("refuses what its kind of run does not have, by name")
  func audience() throws {
    let ofNetworks = RunSettings.all.filter { !$0.isOfSystems }
    #expect(ofNetworks.count > 10)
    for setting in ofNetworks {
      var c = RunConfiguration(system: "lorenz")
      let value = setting.defaultTree(ofSystem: false)
      // Empty is as good as absent.
      if value != .null {
        try c.set(setting.key, value)
      } else {
        do { try c.set(setting.key, .number("1")) } catch { try c.set(setting.key, .text("zero")) }
      }
      let error = #expect(throws: UsageError.self) { try Run(c, BuiltinPlugins.catalog(), out: nil) }
      #expect(error?.description.hasPrefix("\(setting.key) belongs to a network") == true)
    }
    var c = RunConfiguration()
    c.recordComponents = ["x"]
    let error = #expect(throws: UsageError.self) { try Run(c, BuiltinPlugins.catalog(), out: nil) }
    #expect(error?.description.hasPrefix("record-components belongs to a system") == true)
  }

  @Test(
    "names a key it does not know, with near misses",
    arguments: [
      ("gama: 1", "mean 'gamma'?"), ("stop_loss: 1", "'stop-loss'"), ("integrater: rk4", "'integrator'"),
    ])
  func unknownKeys(yaml: String, nearMiss: String) throws {
    let error = #expect(throws: UsageError.self) { try RunConfiguration(yaml: yaml) }
    #expect(error?.description.contains(nearMiss) == true)
  }

  @Test("takes one name in place of a list")
  func scalarLists() throws {
    #expect(try RunConfiguration(yaml: "observe: energy").observe == ["energy"])
    #expect(
      try RunConfiguration(yaml: "observe: energy, condensation:10").observe == ["energy", "condensation:10"])
    #expect(try RunConfiguration(yaml: "observe: none").observe == [])
    #expect(try RunConfiguration(yaml: "observe: [none]").observe == [])
    #expect(try RunConfiguration(yaml: "plugin: a.so").plugin == ["a.so"])
  }

  @Test("writes the shortest digits that read back as the same number, with a point in front of an exponent")
  func shortNumbers() throws {
    var c = RunConfiguration()
    (c.gamma, c.rtol, c.atol, c.tEnd) = (0.1, 1.0 / 3, 1e-7, 2.5e20)
    let lines = try c.yaml.split(separator: "\n")
    for line in [
      "gamma: 0.1", "gamma-prime: 0", "rtol: 0.3333333333333333", "atol: 1.0e-07", "t-end: 2.5e+20",
    ] {
      #expect(lines.contains { $0 == line }, "\(line)")
    }
    #expect(try RunConfiguration(yaml: c.yaml) == c)
  }

  @Test(
    "names a value that cannot be",
    arguments: [
      ("width: many", "whole number"), ("gamma: [1]", "a list or mapping; it must be a number"),
      ("asi: 1", "true or false"), ("observe: {a: 1}", "a list of names"), ("step: sometimes", "step"),
      ("- 1", "mapping"), ("a: [", "YAML"),
    ])
  func badValues(yaml: String, word: String) throws {
    let error = #expect(throws: UsageError.self) { try RunConfiguration(yaml: yaml) }
    #expect(error?.description.contains(word) == true)
  }

  @Test(
    "with a number out of range is refused, by the name of its flag",
    arguments: [
      ("width: 0", "width"), ("width: 9000000000000000000", "memory"), ("width: -3", "width"),
      ("{width: 7, asi: true}", "width"), ("scaling-width: 0", "scaling-width"),
      ("{scaling-width: 9, alpha: 1, beta1: 1, beta2: 1}", "scaling-width"),
      ("rtol: -1", "rtol"), ("rtol: .nan", "rtol"), ("atol: -1e-9", "atol"), ("t-end: 0", "t-end"),
      ("t-end: -1", "t-end"), ("stop-loss: 0", "stop-loss"), ("stop-loss: 1e9", "stop-loss"),
      ("{integrator: rk4, step: -1}", "step"), ("step: 0.1", "chooses"), ("max-steps: 0", "max-steps"),
      ("gamma: 1e6", "kappa"), ("threads: 0", "threads"), ("{record: \"times:1,5\", t-end: 2}", "t = 5.0"),
      ("gamma: .nan", "gamma"), ("gamma-prime: -.inf", "gamma-prime"), ("t-end: 0", "positive"),
      ("data: ''", "empty"), ("observe: ['']", "empty"),
      ("{asi: true, initial-state: x.npy}", "initial-state"),
      ("{activation: tanh, gamma: null, gamma-prime: null, alpha: 1, beta1: 1, beta2: 1}", "gamma-prime"),
      ("initialization: hee", "mean-field"), ("{initialization: he, gamma: 1}", "initialization"),
      ("{initialization: he, alpha: 1}", "initialization"),
      ("{initialization: ntk, activation: tanh}", "tanh"),
      ("alpha: 1", "beta1"), ("{alpha: 1, beta1: 1, beta2: 0}", "beta2"), ("record: now", "record"),
      ("activation: rulu", "'relu'"), ("loss: huber:-1", "huber"), ("data: four-point", "'four-points'"),
      ("observe: [energy, energy]", "twice"), ("integrator: rk4:2", "rk4"),
      ("loss: logistic", "target"), ("initial-state: absent.npy", "absent.npy"),
      ("data: absent.csv", "absent.csv"),
    ])
  func badNumbers(yaml: String, word: String) throws {
    let error = #expect(throws: UsageError.self) {
      _ = try Run(RunConfiguration(yaml: yaml), BuiltinPlugins.catalog(), out: nil)
    }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
  }

  @Test("stops where the data's authors stop, unless told otherwise")
  func customaryStop() throws {
    let catalog = try BuiltinPlugins.catalog()
    let paper = try Experiment(RunConfiguration(yaml: "width: 10"), catalog)
    #expect(paper.configuration.stopLoss == 5e-7)
    let bench = try Experiment(RunConfiguration(yaml: "{width: 10, data: bench-points}"), catalog)
    #expect(bench.configuration.stopLoss == 1e-4 * bench.network!.initialLoss)
    let timed = try Experiment(RunConfiguration(yaml: "{width: 10, t-end: 1}"), catalog)
    #expect(timed.configuration.stopLoss == nil)
  }
}
