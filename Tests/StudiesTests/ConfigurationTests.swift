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
    "names a key it does not know, with near misses",
    arguments: [
      ("gama: 1", "'gamma'"), ("stop_loss: 1", "'stop-loss'"), ("integrater: rk4", "'integrator'"),
    ])
  func unknownKeys(yaml: String, nearMiss: String) throws {
    let error = #expect(throws: UsageError.self) { try RunConfiguration(yaml: yaml) }
    #expect(error?.description.contains(nearMiss) == true)
  }

  @Test(
    "names a value that cannot be",
    arguments: [
      ("width: many", "width"), ("step: sometimes", "step"), ("- 1", "mapping"), ("a: [", "YAML"),
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
    #expect(bench.configuration.stopLoss == 1e-4 * bench.initialLoss)
    let timed = try Experiment(RunConfiguration(yaml: "{width: 10, t-end: 1}"), catalog)
    #expect(timed.configuration.stopLoss == nil)
  }
}
