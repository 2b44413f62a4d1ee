// swift-tools-version: 6.2
import PackageDescription

// A package of its own: PhaseFlow as a library in another program. Yours would say
// `.package(url: ..., from: ...)` in place of the path.
let package = Package(
  name: "Embedding",
  dependencies: [.package(name: "PhaseFlow", path: "../..")],
  targets: [
    .executableTarget(
      name: "embedding",
      dependencies: ["BuiltinPlugins", "GradientFlow", "ODECore", "Studies"].map {
        .product(name: $0, package: "PhaseFlow")
      })
  ],
  swiftLanguageModes: [.v6]
)
