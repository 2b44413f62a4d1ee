import Foundation
import Studies
import Testing

@testable import Sweeps

@Suite("A sweep's definition") struct DefinitionTests {
  @Test("written and read back is the same")
  func roundTrip() throws {
    var yaml = smallSweep.replacingOccurrences(
      of: "width: [20, 60]",
      with:
        "width: {from: 20, to: 60, count: 3}\n  activation: [relu, 'leaky-relu:0.1']\n  beta2-exponent: [0, 0.5]"
    )
    yaml += "\nfigure: figure-3"
    let definition = try SweepDefinition(yaml: yaml)
    #expect(definition.width == [20, 40, 60])
    #expect(try SweepDefinition(yaml: definition.yaml) == definition)
    for name in SweepDefinition.presetNames {
      let preset = try SweepDefinition.preset(name, quick: false)
      #expect(try SweepDefinition(yaml: preset.yaml) == preset, "\(name)")
    }
  }

  @Test("gives each combination once, with kappa = m^-gamma of one copy's m")
  func runs() throws {
    let plan = try plan()
    #expect(plan.runs.count == 2 * 2 * 2 + 2)
    #expect(plan.runs.map(\.id) == Array(1...10))
    let run = plan.runs[1]
    #expect((run.gamma, run.gammaPrime, run.width) == (0.5, -0.3, 60))
    #expect(run.configuration.width == 120 && run.configuration.scalingWidth == 60)
    #expect(plan.runs.filter { $0.checks != nil }.allSatisfy { $0.configuration.rtol == 1e-4 })
  }

  @Test("families of the original model have the same kappa and kappa'")
  func families() throws {
    let plan = try plan(
      """
      base: {data: four-points, asi: true, observe: [relative-distance], rtol: 0.01}
      axes: {gamma: 1.75, gamma-prime: 0.3, width: 50, beta2-exponent: [0, 0.5, 1]}
      asi-width: copy
      accuracy: {sample: 0}
      """)
    try withFolder { folder in
      let store = try SweepStore(folder, plan)
      try run(store, plan)
      for row in try store.rows() {
        let result = try #require(row.result)
        // (14), to rounding.
        #expect(abs(result.kappa! / pow(50, -1.75) - 1) < 1e-14)
        #expect(abs(result.kappaPrime! / pow(50, -0.3) - 1) < 1e-14)
      }
    }
  }

  @Test(
    "that cannot be is refused, and says where",
    arguments: [
      ("axs: {}", "axes"), ("axes: {gama: [1]}", "gamma"), ("axes: {gamma: [1, x]}", "'x'"),
      ("axes: {width: [0]}", "width"), ("axes: {width: [5, 5]}", "twice"),
      ("axes: {gamma: {from: 1, to: 2}}", "count"),
      ("axes: {width: []}", "width"), ("base: {widht: 3}", "width"), ("asi-width: both", "copy"),
      ("asi-width: copy", "asi"),
      ("keep: {curves: -1}", "curves"), ("accuracy: {factor: 2}", "factor"), ("figure: figure-8", "figure-"),
      ("base: {asi: true}\naxes: {width: [7]}", "even"), ("base: {integrator: rk5}", "rk4"),
      ("base: {data: absent.csv}", "absent.csv"), ("axes: {activation: [relu, tahn]}", "tanh"),
      ("[1, 2]", "mapping"),
      ("base: {alpha: 1, beta1: 1, beta2: 1}\naxes: {gamma: [1], gamma-prime: [0]}", "gamma"),
    ])
  func refused(yaml: String, word: String) {
    let error = #expect(throws: UsageError.self) { try plan(yaml) }
    #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
  }
}
