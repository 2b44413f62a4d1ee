import Foundation
import GradientFlow
import ODECore
import ODETestKit
import PluginKit
import PluginTemplates
import RungeKutta
import Testing

@Suite("A plug-in built from a template, loaded at run time")
struct RuntimePluginTemplateTests {
  let workshop: RuntimePluginWorkshop

  init() throws { workshop = try RuntimePluginWorkshop() }

  @Test(
    "The activation is swish, with a parameter", arguments: PluginTemplate.Language.allCases)
  func activation(language: PluginTemplate.Language) throws {
    let catalog = try workshop.load(workshop.make(.activation, "my-swish", language))
    #expect(catalog.activations.entries.map(\.name) == ["my-swish"])
    #expect(catalog.activations.entries.map(\.usage) == ["(beta: 1)"])
    let z = (-400...400).map { Double($0) / 20 }
    for (specification, name, b) in [
      ("my-swish", "my-swish:1", 1.0), ("my-swish:1.5", "my-swish:1.5", 1.5),
      ("my-swish:beta=0", "my-swish:0", 0),
    ] {
      let swish = try catalog.activations.make(specification)
      #expect(swish.name == name)
      #expect(swish.homogeneity == nil && swish.kinks == [] && swish.slopes == nil)
      let at = evaluate(swish, z)
      for (i, z) in z.enumerated() {
        // The same function written with hyperbolic functions: s(x) = (1 + tanh(x/2)) / 2.
        let x = b * z
        let s = (1 + tanh(x / 2)) / 2
        let c = 1 / (4 * cosh(x / 2) * cosh(x / 2))
        // Some ten roundings of numbers up to 20, hence 1e-14 of the largest.
        #expect(abs(at.value[i] - z * s) < 2e-13)
        #expect(abs(at.first[i] - (s + x * c)) < 2e-13)
        #expect(abs(at.second[i] - b * c * (2 - x * tanh(x / 2))) < 2e-13)
      }
    }
    #expect(try ActivationConformance.violations(of: catalog.activations.make("my-swish:1.5")) == [])
  }

  @Test("The loss is pseudo-Huber, with a parameter", arguments: PluginTemplate.Language.allCases)
  func loss(language: PluginTemplate.Language) throws {
    let catalog = try workshop.load(workshop.make(.loss, "my-loss", language))
    let loss = try catalog.losses.make("my-loss:delta=2")
    #expect(loss.name == "my-loss:2" && !loss.isSquared)
    try loss.validate(targets: [-1, 1e9])
    // With r/delta = 3/4 and -4/3 the root is 5/4 and 5/3 (Pythagorean triangles).
    let y = [0.0, 10, 7]
    let at = evaluate(loss, [1.5, 10 - 8.0 / 3, 7], y)
    let expected: [[Double]] = [[4 * 0.25, 4 * 2.0 / 3, 0], [1.2, -1.6, 0], [0.512, 0.216, 1]]
    for (got, expected) in zip([at.value, at.first, at.second], expected) {
      for (a, b) in zip(got, expected) { #expect(abs(a - b) < 1e-14) }
    }
    #expect(LossConformance.violations(of: loss) == [])
  }

  @Test(
    "The observer is the norm of any solution, and the mean amplitude of a network",
    arguments: PluginTemplate.Language.allCases)
  func observer(language: PluginTemplate.Language) throws {
    let catalog = try workshop.load(workshop.make(.observer, "my-observer", language))
    func make() throws -> any Observer { try catalog.observers.make("my-observer") }
    let observer = try make()
    #expect(observer.name == "my-observer" && observer.columns == ["norm"] && observer.watchesSteps)
    let system = try workshop.load(workshop.make(.system, "plane", .c)).systems.make("plane")
    let moment = Moment(try system.problem(to: 10))
    // Pythagorean triples: norms 5, 13 and 10.
    try moment.show(0, [3, 4].span) { try observer.begin($0) }
    try moment.show(1, [5, 12].span) { try observer.step($0) }
    #expect(observer.memory == [13, 1])
    let results = try moment.show(2, [6, 8].span) {
      try observer.step($0)
      #expect(try observer.record($0) == [10])
      return try observer.finish($0)
    }
    #expect(results == ["final": .number(10), "largest": .number(13), "largestAt": .number(1)])
    // |w| = 5 and 13: (3 * 5 + 2 * 13) / 2 = 20.5.
    let flow = try smallFlow()
    let network = try make()
    let ofNetwork = try flow.withMoment(at: 2, of: [3, -2, 3, 5, 4, -12]) {
      try network.begin($0)
      return try network.finish($0)
    }
    #expect(ofNetwork["meanAmplitude"] == .number(20.5) && ofNetwork["largestAt"] == .number(2))
    for problem in [try flow.problem(), try system.problem(to: 10)] {
      #expect(try ObserverConformance.violations(on: problem, make) == [])
    }
  }

  @Test("The system is predators and prey", arguments: PluginTemplate.Language.allCases)
  func system(language: PluginTemplate.Language) throws {
    let catalog = try workshop.load(workshop.make(.system, "my-system", language))
    let model = try catalog.systems.make("my-system(rate: 2)")
    #expect(model.name == "my-system:2" && model.componentNames == ["prey", "predators"])
    let points = [(0, [2.0, 1]), (1.5, [0.3, 2.2])].map { (t: Double($0.0), y: $0.1) }
    #expect(SystemConformance().violations(of: model.system, at: points) == [])
    #expect(model.system is any DenseJacobianProviding)
    let solution = try integrate(
      ODEProblem(model.system, to: 20, initialState: model.initialState, events: model.events),
      with: DormandPrince(rtol: 1e-10, atol: 1e-12))
    let invariant = try #require(model.invariants)
    let (start, end) = (
      invariant.values(0, model.initialState.span), invariant.values(20, solution.state.span)
    )
    // At (2, 1): 2 (2 - log 2) + 1 - 0.
    #expect(abs(start[0] - (2 * (2 - log(2)) + 1)) < 1e-14)
    #expect(abs(end[0] - start[0]) < 1e-8)
    // Prey peak where predators pass 1 upwards; the first peak is the start itself, which is no event.
    #expect(solution.crossings.count >= 2 && solution.crossings.allSatisfy { $0.name == "most prey" })
    let t = solution.crossings[0].time
    let there = try integrate(
      ODEProblem(model.system, to: t, initialState: model.initialState),
      with: DormandPrince(rtol: 1e-10, atol: 1e-12))
    #expect(abs(there.state[1] - 1) < 1e-6)
  }

  @Test(
    "The integrator keeps the contract and has the order it claims",
    arguments: PluginTemplate.Language.allCases)
  func integrator(language: PluginTemplate.Language) throws {
    let file = try workshop.make(.integrator, "my-method", language)
    let catalog = try workshop.load(file)
    func method(_ rtol: Double) throws -> any Integrator {
      try catalog.integrators.make("my-method")(IntegratorSettings(rtol: rtol, atol: rtol / 1000))
    }
    #expect(IntegratorConformance().violations(of: try method(1e-6)) == [])
    let order = try OrderClaim.measured(method)
    #expect(try PluginLibrary(file).claimedOrders == ["my-method": 2])
    #expect(order > 2 - OrderClaim.slack && order < 2.5, "\(order)")
  }

  @Test("Two Swift plug-ins live side by side")
  func twoSwiftPlugins() throws {
    var catalog = PluginCatalog()
    for name in ["first-one", "second-one"] {
      try PluginLibrary(workshop.make(.observer, name, .swift)).register(in: &catalog)
    }
    let flow = try smallFlow()
    for name in ["first-one", "second-one"] {
      let observer = try catalog.observers.make(name)
      try flow.withMoment(at: 0, of: [3, 0, 0, 4, 0, 0]) {
        try observer.begin($0)
        #expect(try observer.record($0) == [5])
      }
    }
  }

  @Test("A flow with the activation from a library is the flow with the same one compiled in")
  func flow() throws {
    let catalog = try workshop.load(workshop.make(.activation, "my-swish", .c))
    let data = try Dataset(name: "two", features: [[-0.5], [1]], targets: [0.25, 1])
    let derivatives = try [catalog.activations.make("my-swish:2"), CompiledSwish(beta: 2)].map { activation in
      let flow = try TwoLayerFlow(
        width: 3, data: data, scaling: Scaling(kappa: 0.5, kappaPrime: 2), activation: activation,
        loss: HalfSquare())
      let y = [0.5, -1, 2, 1, 0.2, -0.7, 0.3, -0.9, 1.1]
      var dy = [Double](repeating: 0, count: y.count)
      var span = dy.mutableSpan
      flow.derivative(0, y.span, into: &span)
      return dy
    }
    for (a, b) in zip(derivatives[0], derivatives[1]) { #expect(abs(a - b) <= 1e-15 * max(1, abs(b))) }
  }

  @Test("A folder holds the header as this program was built with, and is never overwritten")
  func folder() throws {
    let header = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Sources/CPluginABI/include/phaseflow_plugin.h")
    let template = try PluginTemplate(.loss, name: "a-loss", language: .c)
    for kind in PluginTemplate.Kind.allCases {
      for language in PluginTemplate.Language.allCases {
        let files = try PluginTemplate(kind, name: "a-b", language: language).files
        #expect(files.allSatisfy { !$0.text.contains(/@[A-Z]+@/) })
      }
    }
    #expect(try template.files[0].text == String(contentsOf: header, encoding: .utf8))
    let folder = workshop.folder.appending(path: "new")
    try template.write(to: folder)
    #expect(throws: PluginTemplateError.self) { try template.write(to: folder) }
    let written = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(written.sorted() == ["Makefile", "README.md", "a-loss.c", "phaseflow_plugin.h"])
  }

  @Test("A Swift package has every source of the kit; else run Scripts/plugin-kit.sh")
  func kit() throws {
    let root = URL(filePath: #filePath).appending(path: "../../../Sources").standardizedFileURL
    var copied: [String: String] = [:]
    for file in try PluginTemplate(.loss, name: "a-b", language: .swift).files {
      copied[file.name] = file.text
    }
    for module in ["ODECore", "Networks", "PhaseFlowPlugin"] {
      for path in try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: module).path)
      where path.hasSuffix(".swift") {
        let text = try String(contentsOf: root.appending(path: "\(module)/\(path)"), encoding: .utf8)
        // A plug-in needs none of these, and would need more than the compiler for them.
        let isLeftOut =
          text.contains("\nimport Files\n") || text.hasPrefix("import Files\n")
          || text.hasPrefix("import Dispatch\n")
        #expect(
          copied.removeValue(forKey: "PhaseFlowPlugin/Sources/\(module)/\(path)") == (isLeftOut ? nil : text),
          "\(module)/\(path)")
      }
    }
    // Foundation would be most of a standalone library.
    for (name, text) in try PluginTemplate(.system, name: "a-b", language: .swift).files {
      let imports = text.split(separator: "\n").filter {
        $0.hasPrefix("import ") || $0.hasPrefix("@_exported import ")
      }
      let modules = imports.compactMap { $0.split(separator: " ").last.map(String.init) }
      let known = [
        "CPluginABI", "Networks", "ODECore", "PackageDescription", "PhaseFlowPlugin", "Synchronization",
      ]
      #expect(Set(modules).isSubset(of: known), "\(name) imports \(modules)")
    }
    #expect(
      copied.keys.sorted() == [
        ".gitignore", "Makefile", "Package.swift", "PhaseFlowPlugin/Package.swift",
        "PhaseFlowPlugin/Sources/CPluginABI/CPluginABI.c",
        "PhaseFlowPlugin/Sources/CPluginABI/include/phaseflow_plugin.h", "README.md", "Sources/AB/AB.swift",
      ])
  }

  @Test(
    "A name that no shell, file or user would like is refused",
    arguments: ["", "A", "1a", "a b", "a/b", "-a"])
  func names(name: String) {
    #expect(throws: PluginTemplateError.badName(name)) {
      try PluginTemplate(.activation, name: name, language: .c)
    }
  }
}

/// Two neurons, two input dimensions, one sample x = (1, 1), y = 0.5, kappa = 0.25, kappa' = 2.
func smallFlow() throws -> TwoLayerFlow {
  try TwoLayerFlow(
    width: 2, data: Dataset(name: "one", features: [[1]], targets: [0.5]),
    scaling: Scaling(kappa: 0.25, kappaPrime: 2), activation: CompiledSwish(beta: 0), loss: HalfSquare())
}

/// The template's formulas in Swift. With beta = 0 it is z / 2.
private struct CompiledSwish: Activation {
  let beta: Double
  let name = "compiled-swish"

  func evaluate(_ z: Span<Double>, value: inout MutableSpan<Double>, derivative: inout MutableSpan<Double>) {
    for i in z.indices {
      let s = 1 / (1 + exp(-beta * z[i]))
      value[i] = z[i] * s
      derivative[i] = s + beta * z[i] * s * (1 - s)
    }
  }

  func secondDerivative(_ z: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in z.indices {
      let s = 1 / (1 + exp(-beta * z[i]))
      result[i] = beta * s * (1 - s) * (2 + beta * z[i] * (1 - 2 * s))
    }
  }
}

struct HalfSquare: Loss {
  let name = "half-square"
  var isSquared: Bool { true }

  func evaluate(
    _ f: Span<Double>, _ y: Span<Double>, value: inout MutableSpan<Double>,
    derivative: inout MutableSpan<Double>
  ) {
    for i in f.indices { (value[i], derivative[i]) = ((f[i] - y[i]) * (f[i] - y[i]) / 2, f[i] - y[i]) }
  }

  func secondDerivative(_ f: Span<Double>, _ y: Span<Double>, into result: inout MutableSpan<Double>) {
    for i in f.indices { result[i] = 1 }
  }
}
