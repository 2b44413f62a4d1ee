import Foundation
import GradientFlow
import ODECore
import ODETestKit
import PhaseFlowPlugin
import PluginKit
import RungeKutta
import Testing

@Suite("One Swift type, compiled in and loaded at run time")
struct BothDeliveriesTests {
  let workshop: RuntimePluginWorkshop

  init() throws { workshop = try RuntimePluginWorkshop() }

  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

  /// The Swift examples of docs/plugins.md.
  private func documented() throws -> [String] {
    try String(contentsOf: Self.root.appending(path: "docs/plugins.md"), encoding: .utf8)
      .components(separatedBy: "```swift\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
  }

  /// The observer of docs/plugins.md both ways: built by its text there alone, and that of this target.
  private func observers() throws -> [() throws -> any Observer] {
    let text = try #require(try documented().first { $0.contains(": ObserverPlugin") })
    let entry = try #require(
      try documented().first { $0.contains("PluginExports") && $0.contains("Norm.self") })
    let file = try workshop.build("norm", text + "\n" + entry)
    var loaded = PluginCatalog()
    try PluginLibrary(file).register(in: &loaded)
    var compiled = PluginCatalog()
    try compiled.add(Norm.self)
    return [loaded, compiled].map { catalog in { try catalog.observers.make("norm") } }
  }

  @Test("The documented observer has fewer than 20 lines, and is the one compiled into this test")
  func documentation() throws {
    let text = try #require(try documented().first { $0.contains(": ObserverPlugin") })
    let compiled = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "DocumentedObserver.swift"),
      encoding: .utf8)
    #expect(text == compiled)
    #expect(text.split(separator: "\n", omittingEmptySubsequences: true).count < 20)
  }

  @Test("The documented observer watches systems and networks, and both ways give the same bits")
  func observer() throws {
    let network = try ODEProblem(smallFlow(), to: 10, initialState: [1, -0.5, 2, 1, 0.3, -1])
    // y = (cos t, -sin t) has norm 1.
    let system = try ODEProblem(
      ClosureSystem(dimension: 2) { _, y, dy in (dy[0], dy[1]) = (y[1], -y[0]) }, to: 5, initialState: [1, 0])
    let makers = try observers()
    for problem in [system, network] {
      let solutions = try makers.map { make in
        #expect(try ObserverConformance.violations(on: problem, make) == [])
        return try integrate(
          problem, with: DormandPrince(rtol: 1e-9, atol: 1e-12), observers: [make()],
          saving: .steps(atMost: nil))
      }
      #expect(solutions[0].record == solutions[1].record && solutions[0].record.rowCount > 2)
      #expect(solutions[0].observed == solutions[1].observed)
      let norms = try #require(solutions[0].record["norm"])
      let last = solutions[0].state.reduce(0) { $0 + $1 * $1 }.squareRoot()
      #expect(norms[norms.count - 1] == last)
      if problem.system is any NetworkFlow {
        let found = try #require(solutions[0].observed["norm"])
        #expect(found["largestA"]?.number == max(abs(solutions[0].state[0]), abs(solutions[0].state[1])))
        let state = solutions[0].state
        let loss = try smallFlow().risk(state.span)
        #expect(found["loss"]?.number == loss)
      } else {
        for norm in norms { #expect(abs(norm - 1) < 1e-7) }
      }
    }
  }

  @Test("The documented system decays")
  func documentedSystem() throws {
    let text = try #require(try documented().first { $0.contains(": SystemPlugin") })
    let entry = try #require(
      try documented().first { $0.contains("PluginExports") && $0.contains("Norm.self") })
    let file = try workshop.build(
      "decay", "import PhaseFlowPlugin\n" + text + entry.replacing("Norm.self", with: "Decay.self"))
    let model = try workshop.load(file).systems.make("decay(rate: 0.5)")
    let solution = try integrate(model.problem(to: 4), with: DormandPrince(rtol: 1e-10, atol: 1e-12))
    #expect(abs(solution.state[0] - exp(-2)) < 1e-9)
  }

  @Test("Loaded, an observer sees the activation, the data, the span of time and the end of the run")
  func whatAnObserverSees() throws {
    let file = try workshop.build(
      "eyes",
      """
      import PhaseFlowPlugin

      final class Eyes: ObserverPlugin {
        static let name = "eyes"
        static let summary = "what is there to see"
        static let needsNetwork = true
        init(_ parameters: Parameters) {}

        func finish(_ moment: Moment) -> [String: ObservedValue] {
          let view = moment.network!
          let z = [0.5, -2.0]
          var (value, slope) = ([0.0, 0], [0.0, 0])
          var v = value.mutableSpan
          var d = slope.mutableSpan
          view.network.activation.evaluate(z.span, value: &v, derivative: &d)
          return [
            "sigma": .number(value[1]), "slope": .number(slope[0]),
            "homogeneity": .integer(view.network.activation.homogeneity ?? 0),
            "kink": .number(view.network.activation.kinks.first ?? .nan),
            "x": .number(view.data.input(0)[0]), "y": .number(view.data.targets[0]),
            "kappa": .number(view.network.scaling.kappa), "from": .number(moment.problem.initialTime),
            "to": .number(moment.problem.finalTime), "ended": .flag(moment.returnCode == .success),
            "f": .number(view.predictions[0]), "e": .number(view.residuals[0]),
          ]
        }
      }
      let exports = PluginExports([Eyes.self])
      @_cdecl("phaseflow_plugin_entry")
      public func entry() -> UnsafeRawPointer { exports.entry }
      """)
    let catalog = try workshop.load(file)
    let flow = try TwoLayerFlow(
      width: 2, data: Dataset(name: "one", features: [[3]], targets: [0.5]),
      scaling: Scaling(kappa: 0.25, kappaPrime: 2), activation: HalfReLU(), loss: HalfSquare())
    let problem = try ODEProblem(flow, from: 1, to: 1.5, initialState: [1, 2, 3, 4, 5, 6])
    let solution = try integrate(problem, with: DormandPrince(), observers: [catalog.observers.make("eyes")])
    let seen = try #require(solution.observed["eyes"]).compactMapValues(\.number)
    // sigma(z) = z/2 for z > 0 and 0 below.
    #expect(seen["sigma"] == 0 && seen["slope"] == 0.5 && seen["homogeneity"] == 1 && seen["kink"] == 0)
    #expect(seen["x"] == 3 && seen["y"] == 0.5 && seen["kappa"] == 0.25)
    #expect(seen["from"] == 1 && seen["to"] == 1.5 && seen["ended"] == 1)
    // f = kappa sum_k a_k sigma(w_k . x) with x = (3, 1); the residual of half the square is f - y.
    let y = solution.state
    let f = 0.25 * (y[0] * max(3 * y[2] + y[4], 0) / 2 + y[1] * max(3 * y[3] + y[5], 0) / 2)
    let (seenF, seenE) = (try #require(seen["f"]), try #require(seen["e"]))
    #expect(abs(seenF - f) < 1e-14 * max(1, abs(f)) && seenE == seenF - 0.5)
    // A system is refused before anything is begun.
    let system = try ODEProblem(
      ClosureSystem(dimension: 1) { _, y, dy in dy[0] = -y[0] }, to: 1, initialState: [1])
    #expect(throws: ObserverError.self) {
      try integrate(system, with: DormandPrince(), observers: [catalog.observers.make("eyes")])
    }
  }

  @Test("A system both ways: solution, events and invariants agree to the last bit")
  func system() throws {
    let loaded = try workshop.load(workshop.make(.system, "prey", .swift))
    var compiled = PluginCatalog()
    try compiled.add(Prey.self)
    let solutions = try [loaded, compiled].map { catalog in
      let model = try catalog.systems.make("prey(rate: 0.5)")
      #expect(
        model.name == "prey:0.5" && model.componentNames == ["prey", "predators"] && model.finalTime == 20)
      return (model, try integrate(model.problem(to: 20), with: DormandPrince(rtol: 1e-8, atol: 1e-10)))
    }
    #expect(solutions[0].1.state == solutions[1].1.state)
    #expect(solutions[0].1.crossings == solutions[1].1.crossings && solutions[0].1.crossings.count > 1)
    let ends = solutions.map { model, solution in
      let state = solution.state
      return model.invariants!.values(20, state.span)
    }
    #expect(ends[0] == ends[1])
    #expect(throws: PluginError.self) { try compiled.systems.make("prey(rate: -1)") }
  }

  @Test("An integrator uses what the system knows of itself, loaded as well as compiled in")
  func integrator() throws {
    let text = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "ImplicitEulerPlugin.swift"),
      encoding: .utf8)
    let file = try workshop.build(
      "implicit",
      text + """

        let exports = PluginExports([ImplicitEuler.self])
        @_cdecl("phaseflow_plugin_entry")
        public func entry() -> UnsafeRawPointer { exports.entry }
        """)
    var compiled = PluginCatalog()
    try compiled.add(ImplicitEuler.self)
    let settings = IntegratorSettings(rtol: 1e-6, atol: 1e-9, fixedStep: 0.25)
    for system in [StiffDecay(), KnowingDecay()] as [any ODESystem] {
      let problem = try ODEProblem(system, to: 1, initialState: [1, 1])
      let solutions = try [workshop.load(file), compiled].map { catalog in
        let method = try catalog.integrators.make("implicit-euler")(settings)
        return try integrate(problem, with: method)
      }
      #expect(solutions[0].state == solutions[1].state)
      #expect(solutions[0].statistics.nfev == solutions[1].statistics.nfev)
      if system is KnowingDecay {
        // Four steps of y -> y / (1 + h rate), rates 1 and 1000.
        let (slow, fast) = (1 / (1.25 * 1.25 * 1.25 * 1.25), 1 / (251.0 * 251 * 251 * 251))
        #expect(solutions[0].statistics.accepted == 4)
        #expect(abs(solutions[0].state[0] - slow) < 1e-15)
        // The change of y_1 is rounded in units of y_1 = 1 in the first step, of 1/251 in the next.
        #expect(abs(solutions[0].state[1] - fast) < 1e-15)
      } else {
        #expect(solutions[0].returnCode == ReturnCode.initialFailure)
        #expect(solutions[0].message.contains("Newton"))
      }
    }
    #expect(throws: PluginError.self) {
      try compiled.integrators.make("implicit-euler")(IntegratorSettings(rtol: 1e-6, atol: 1e-9))
    }
  }

  @Test("What C says once for all parameters must not depend on them")
  func dependsOnParameters() throws {
    let file = try workshop.build(
      "power",
      """
      import PhaseFlowPlugin

      struct Power: ActivationPlugin {
        static let name = "power"
        static let summary = "max(z, 0)^p / p"
        static let parameters = [Parameter("p", default: 1, in: 1...2, integer: true)]
        let p: Int
        var homogeneity: Int? { p }
        init(_ parameters: Parameters) { p = Int(parameters["p"]) }
        func evaluate(_ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>) {
          for i in z.indices {
            let x = max(z[i], 0)
            value[i] = p == 1 ? x : x * x / 2
            derivative[i] = p == 1 ? (z[i] > 0 ? 1 : 0) : x
          }
        }
        func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
          for i in z.indices { result[i] = p == 2 && z[i] > 0 ? 1 : 0 }
        }
      }
      let exports = PluginExports([Power.self])
      @_cdecl("phaseflow_plugin_entry")
      public func entry() -> UnsafeRawPointer { exports.entry }
      """)
    let catalog = try workshop.load(file)
    #expect(try catalog.activations.make("power").homogeneity == 1)
    let error = #expect(throws: PluginLibraryError.self) { try catalog.activations.make("power:2") }
    #expect(error.map { "\($0)" }?.contains("its homogeneity depends on the parameters") == true)
  }
}
