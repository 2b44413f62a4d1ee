// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.enableUpcomingFeature("ExistentialAny")]

// A plug-in family: one small target, written against the public API only. SwiftPM reserves the
// folder `Plugins` for command plug-ins, hence the explicit paths.
func plugin(_ folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(
    name: "\(folder)Plugins", dependencies: dependencies + ["PluginKit"],
    path: "Plugins/\(folder)", swiftSettings: strict)
}

func library(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
  _ module: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: "\(module)Tests", dependencies: [.byName(name: module)] + dependencies,
    resources: resources, swiftSettings: strict)
}

func example(_ name: String, _ folder: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: "example-\(name)", dependencies: dependencies, path: "Examples/\(folder)",
    swiftSettings: strict)
}

let package = Package(
  name: "PhaseFlow",
  products: [
    .library(name: "ODECore", targets: ["ODECore"]),
    .library(name: "ReferenceProblems", targets: ["ReferenceProblems"]),
    .library(name: "RungeKutta", targets: ["RungeKutta"]),
    .library(name: "ExponentialIntegrators", targets: ["ExponentialIntegrators"]),
    .library(name: "ImplicitRungeKutta", targets: ["ImplicitRungeKutta"]),
    .library(name: "SundialsIntegrators", targets: ["SundialsIntegrators"]),
    .library(name: "Files", targets: ["Files"]),
    .library(name: "StatisticalInference", targets: ["StatisticalInference"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "GradientFlow", targets: ["GradientFlow"]),
    .library(name: "DeepNetworks", targets: ["DeepNetworks"]),
    .library(name: "TrainingDynamics", targets: ["TrainingDynamics"]),
    .library(name: "KinkAwareIntegrator", targets: ["KinkAwareIntegrator"]),
    .library(name: "PluginKit", targets: ["PluginKit"]),
    // What your own plug-in is written with in Swift, to be compiled in or loaded at run time.
    .library(name: "PhaseFlowPlugin", targets: ["PhaseFlowPlugin"]),
    .library(name: "BuiltinPlugins", targets: ["BuiltinPlugins"]),
    .library(name: "Studies", targets: ["Studies"]),
    .library(name: "Sweeps", targets: ["Sweeps"]),
    .library(name: "Validation", targets: ["Validation"]),
    .library(name: "Figures", targets: ["Figures"]),
    .library(name: "ODETestKit", targets: ["ODETestKit"]),
    .executable(name: "phaseflow", targets: ["phaseflow"]),
    // libphaseflow.so, phaseflow.h: what other languages call. Scripts/library.sh gives it its name.
    .library(name: "PhaseFlowC", type: .dynamic, targets: ["PhaseFlowLibrary"]),
  ],
  // Exact, so that a commit builds what it built when it was made.
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swiftcsv/SwiftCSV", exact: "0.10.0"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  ],
  targets: [
    // Numbers from files, command lines and plug-ins, and sizes that are their products.
    library("UntrustedNumbers"),
    // Integration of any ODE.
    library("ODECore"),
    // The well-known test problems with their solutions.
    library("ReferenceProblems", ["ODECore"]),
    // Eight fixed lanes and run-time dispatch, which the C kernels below are written in: a header.
    .target(name: "CLanes", exclude: ["README.md"]),
    .target(name: "CStepperKernels", dependencies: ["CLanes"]),
    library("RungeKutta", ["ODECore", "CStepperKernels", "UntrustedNumbers"]),
    library("ExponentialIntegrators", ["ODECore", "RungeKutta", "UntrustedNumbers"]),
    .target(name: "CDenseAlgebra", exclude: ["README.md"], linkerSettings: [.linkedLibrary("openblas")]),
    .target(name: "CSparseAlgebra", exclude: ["README.md"], linkerSettings: [.linkedLibrary("klu")]),
    library("ImplicitRungeKutta", ["ODECore", "RungeKutta", "CDenseAlgebra", "CSparseAlgebra"]),
    .target(
      name: "CSundials", dependencies: ["CLanes"],
      linkerSettings: [
        // CVODES is CVODE and sensitivities: the two cannot be linked together.
        .linkedLibrary("sundials_cvodes"), .linkedLibrary("sundials_arkode"),
        .linkedLibrary("sundials_sunlinsolklu"),
      ]),
    library(
      "SundialsIntegrators",
      ["ODECore", "CSundials", .product(name: "Logging", package: "swift-log")]),

    // Rooms that know nothing of equations: whole or growing files and NumPy's format; fits and tests of hypotheses.
    library("Files", ["UntrustedNumbers"]),
    library("StatisticalInference"),

    // Networks and their data: no kernels.
    library("Networks", ["ODECore", "Files"]),

    // The flow of two-layer networks.
    .target(name: "CFlowKernels", dependencies: ["CLanes"], linkerSettings: [.linkedLibrary("openblas")]),
    library("GradientFlow", ["ODECore", "Networks", "CFlowKernels", "UntrustedNumbers"]),
    .target(
      name: "CKinkFlow", dependencies: ["CLanes"], exclude: ["README.md"],
      linkerSettings: [.linkedLibrary("openblas")]),
    library("KinkAwareIntegrator", ["ODECore", "GradientFlow", "CKinkFlow"]),

    // Networks of any depth, and flows of any architecture.
    .target(
      name: "CDeepKernels", dependencies: ["CLanes"], exclude: ["README.md"],
      linkerSettings: [.linkedLibrary("openblas")]),
    library("DeepNetworks", ["ODECore", "Networks", "GradientFlow", "CFlowKernels", "CDeepKernels"]),

    // Other dynamics than the gradient flow, of any network.
    library("TrainingDynamics", ["ODECore", "Networks", "RungeKutta"]),

    // Plug-ins.
    .target(name: "CPluginABI"),
    .target(name: "CPluginGuard", dependencies: ["CPluginABI"], exclude: ["README.md"]),
    library("PhaseFlowPlugin", ["ODECore", "Networks", "CPluginABI"]),
    library(
      "PluginKit",
      ["ODECore", "Networks", "CPluginABI", "CPluginGuard", "PhaseFlowPlugin", "UntrustedNumbers"]),
    .target(
      name: "PluginTemplates", dependencies: ["PluginKit"],
      resources: [.embedInCode("Templates")], swiftSettings: strict),
    .target(name: "CMathKernels", exclude: ["README.md"]),
    plugin("Activations", ["Networks", "CMathKernels"]),
    plugin("Losses", ["Networks"]),
    plugin("Dynamics", ["Networks"]),
    plugin(
      "Observers",
      [
        "GradientFlow", "DeepNetworks", "TrainingDynamics", "ODECore", "StatisticalInference",
        "UntrustedNumbers",
      ]),
    plugin(
      "Integrators",
      [
        "ODECore", "GradientFlow", "DeepNetworks", "TrainingDynamics", "RungeKutta", "ImplicitRungeKutta",
        "SundialsIntegrators",
        "KinkAwareIntegrator", "ExponentialIntegrators", "UntrustedNumbers",
      ]),
    plugin("Systems", ["ODECore", "ReferenceProblems"]),
    .systemLibrary(name: "CZlib"),
    plugin(
      "Datasets",
      ["Networks", "Files", "UntrustedNumbers", "CZlib", .product(name: "SwiftCSV", package: "SwiftCSV")]),
    .target(
      name: "BuiltinPlugins",
      dependencies: [
        "PluginKit", "ActivationsPlugins", "LossesPlugins", "DynamicsPlugins", "ObserversPlugins",
        "IntegratorsPlugins", "DatasetsPlugins", "SystemsPlugins",
      ], path: "Plugins/Builtin", swiftSettings: strict),

    // Experiments and the command line.
    library("Figures", ["Files", "UntrustedNumbers"]),
    .systemLibrary(name: "COpenSSL"),
    library(
      "Studies",
      [
        "ODECore", "Files", "UntrustedNumbers", "GradientFlow", "DeepNetworks", "TrainingDynamics",
        "SundialsIntegrators",
        "PluginKit", "Figures",
        "COpenSSL",
        .product(name: "Yams", package: "Yams"),
        .product(name: "Logging", package: "swift-log"),
      ]),
    library(
      "Sweeps",
      [
        "ODECore", "Files", "UntrustedNumbers", "StatisticalInference", "GradientFlow", "DeepNetworks",
        "PluginKit", "Studies", "Figures", "CReportPage",
        .product(name: "Yams", package: "Yams"), .product(name: "GRDB", package: "GRDB.swift"),
      ]),
    .target(
      name: "CReportPage", exclude: ["README.md", "files"], cSettings: [.headerSearchPath("files")]),
    library(
      "Validation",
      [
        "ODECore", "Files", "UntrustedNumbers", "StatisticalInference", "GradientFlow", "DeepNetworks",
        "PluginKit", "Figures", "Studies",
      ]),
    .plugin(name: "SourceRevisionPlugin", capability: .buildTool(), path: "Scripts/SourceRevision"),
    .target(name: "SourceRevision", swiftSettings: strict, plugins: ["SourceRevisionPlugin"]),
    .target(name: "CPhaseFlow", dependencies: ["CPluginABI"]),
    library(
      "PhaseFlowLibrary",
      [
        "ODECore", "Networks", "PluginKit", "BuiltinPlugins", "Figures", "Studies", "Sweeps", "CPhaseFlow",
        .product(name: "Logging", package: "swift-log"),
      ]),
    .executableTarget(
      name: "phaseflow",
      dependencies: [
        "SourceRevision",
        "Files", "Figures", "Studies", "Sweeps", "Validation", "BuiltinPlugins", "SundialsIntegrators",
        "UntrustedNumbers",
        "PluginTemplates",
        "ODETestKit",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ], swiftSettings: strict),

    // For authors of plug-ins and for our own tests.
    library("ODETestKit", ["ODECore", "Networks", "PluginKit", "ReferenceProblems"]),
    tests("ODECore", ["RungeKutta", "ImplicitRungeKutta", "SundialsIntegrators", "ODETestKit"]),
    tests("RungeKutta", ["ODECore", "ODETestKit", "CStepperKernels"]),
    tests("ImplicitRungeKutta", ["ODECore", "RungeKutta", "ODETestKit"]),
    tests(
      "ExponentialIntegrators",
      [
        "ODECore", "ODETestKit", "RungeKutta", "GradientFlow", "KinkAwareIntegrator", "ActivationsPlugins",
        "LossesPlugins",
      ]),
    tests("ODETestKit", ["ODECore", "RungeKutta"]),
    tests(
      "SundialsIntegrators",
      [
        "ODECore", "ODETestKit", "CSundials", "RungeKutta", "ImplicitRungeKutta", "GradientFlow",
        "ActivationsPlugins", "LossesPlugins", .product(name: "Logging", package: "swift-log"),
      ]),
    // The fused kernels once more, for the lowest instruction set: the same bits are expected.
    .target(
      name: "CFlowKernelsPlain", dependencies: ["CFlowKernels", "CLanes"], path: "Tests/CFlowKernelsPlain"),
    tests("UntrustedNumbers"),
    tests("Files", resources: [.copy("Fixtures")]),
    tests("StatisticalInference"),
    tests(
      "GradientFlow",
      [
        "Files", "CFlowKernels", "CFlowKernelsPlain", "ODECore", "ODETestKit", "ActivationsPlugins",
        "LossesPlugins",
        "RungeKutta", "SundialsIntegrators",
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "KinkAwareTests",
      dependencies: [
        "KinkAwareIntegrator", "ODECore", "GradientFlow", "RungeKutta", "ActivationsPlugins", "LossesPlugins",
      ], resources: [.copy("Fixtures")], swiftSettings: strict),
    tests(
      "PluginKit",
      [
        "PluginTemplates", "ODETestKit", "ODECore", "GradientFlow", "CPluginABI", "PhaseFlowPlugin",
        "RungeKutta",
      ]),
    tests(
      "DeepNetworks",
      [
        "ODECore", "ODETestKit", "GradientFlow", "CDeepKernels", "ActivationsPlugins", "LossesPlugins",
        "RungeKutta",
        "ExponentialIntegrators", "SundialsIntegrators",
      ], resources: [.copy("Fixtures")]),
    tests(
      "TrainingDynamics",
      [
        "ODECore", "ODETestKit", "Networks", "GradientFlow", "DeepNetworks", "DynamicsPlugins", "PluginKit",
        "ActivationsPlugins", "LossesPlugins", "ObserversPlugins", "IntegratorsPlugins", "RungeKutta",
        "SundialsIntegrators", "ImplicitRungeKutta", "BuiltinPlugins", "Studies",
      ], resources: [.copy("Fixtures")]),
    tests("ActivationsPlugins", ["ODETestKit"], resources: [.copy("Fixtures")]),
    tests("LossesPlugins", ["ODETestKit"]),
    .testTarget(
      name: "ObserversTests",
      dependencies: ["ObserversPlugins", "GradientFlow", "DeepNetworks", "PluginKit", "ODETestKit"],
      swiftSettings: strict),
    .testTarget(
      name: "IntegratorsPluginsTests",
      dependencies: [
        "BuiltinPlugins", "GradientFlow", "IntegratorsPlugins", "ODECore", "ODETestKit", "PluginKit",
        "RungeKutta",
        "Studies",
      ],
      swiftSettings: strict),
    tests("DatasetsPlugins", ["CZlib"]),
    tests("Figures", ["CZlib"], resources: [.copy("References")]),
    tests(
      "Studies", ["BuiltinPlugins", "DeepNetworks", "Figures", "Files", "ReferenceProblems"],
      resources: [.copy("Fixtures")]),
    .target(
      name: "CFaultySQLite", path: "Tests/CFaultySQLite", exclude: ["README.md"],
      linkerSettings: [.linkedLibrary("sqlite3")]),
    tests("Sweeps", ["BuiltinPlugins", "CFaultySQLite", "DeepNetworks", "Figures", "Files"]),
    tests(
      "Validation", ["BuiltinPlugins", "DeepNetworks", "GradientFlow", "StatisticalInference", "Studies"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "phaseflow", "phaseflow-architecture", "example-own-ode", "example-own-observer",
        "example-own-activation", "example-own-architecture", "example-own-dynamics",
        "example-lazy-limit", "example-lazy-vs-condensed", "example-decay-rate", "example-comparison",
      ],
      swiftSettings: strict),

    // Mutated inputs for everything that reads what comes from outside: `make fuzz`.
    .target(
      name: "FuzzTargets",
      dependencies: [
        "BuiltinPlugins", "DatasetsPlugins", "Figures", "Files", "Networks", "ODECore", "PluginKit",
        "Studies", "Sweeps",
        "Validation", "CZlib", .product(name: "GRDB", package: "GRDB.swift"),
      ], path: "Tests/Fuzz/Targets", swiftSettings: strict),
    .executableTarget(
      name: "phaseflow-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz/Driver", swiftSettings: strict),
    .testTarget(name: "FuzzTests", dependencies: ["FuzzTargets"], swiftSettings: strict),

    // Each example checks itself and is run by the tests.
    example("own-ode", "OwnODE", ["ODECore", "RungeKutta", "SundialsIntegrators"]),
    example("own-observer", "OwnObserver", ["BuiltinPlugins", "GradientFlow", "PluginKit", "Studies"]),
    example(
      "own-activation", "OwnActivation",
      ["BuiltinPlugins", "GradientFlow", "ODETestKit", "PluginKit", "Studies"]),
    example(
      "own-architecture", "OwnArchitecture",
      [
        "DeepNetworks", "ExponentialIntegrators", "LossesPlugins", "Networks", "ODECore", "ODETestKit",
        "RungeKutta",
        "SundialsIntegrators",
      ]),
    example("own-dynamics", "OwnDynamics", ["BuiltinPlugins", "Networks", "PluginKit", "Studies"]),
    example(
      "lazy-vs-condensed", "LazyVersusCondensed", ["BuiltinPlugins", "Figures", "PluginKit", "Studies"]),
    example(
      "decay-rate", "DecayRate",
      [
        "ActivationsPlugins", "GradientFlow", "LossesPlugins", "ODECore", "StatisticalInference",
        "SundialsIntegrators",
      ]),
    example("comparison", "Comparison", ["BuiltinPlugins", "ODECore", "PluginKit"]),
    example(
      "lazy-limit", "LazyLimit",
      ["ActivationsPlugins", "GradientFlow", "LossesPlugins", "ODECore", "RungeKutta"]),

    // The picture of the modules in docs/architecture.md: Scripts/architecture.sh.
    .executableTarget(
      name: "phaseflow-architecture", path: "Scripts/Architecture", swiftSettings: strict),
    // Speed against the machine's own bounds: `make bench`.
    .executableTarget(
      name: "phaseflow-bench",
      dependencies: [
        "GradientFlow", "DeepNetworks", "CFlowKernels", "ODECore", "RungeKutta", "ActivationsPlugins",
        "LossesPlugins",
      ],
      path: "Benchmarks/Kernels", swiftSettings: strict),
    // Structured Newton against other integrators: `swift run -c release phaseflow-newton-bench`.
    .executableTarget(
      name: "phaseflow-newton-bench",
      dependencies: [
        "GradientFlow", "ImplicitRungeKutta", "ODECore", "RungeKutta", "SundialsIntegrators",
        "ActivationsPlugins", "LossesPlugins",
      ], path: "Benchmarks/Newton", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
