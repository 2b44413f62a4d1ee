import Foundation
import Testing

@Suite("The picture of the modules") struct ArchitectureTests {
  private let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

  private struct Manifest: Decodable {
    struct Target: Decodable {
      let name: String
      let type: String
      let dependencies: [[String: [String?]]]
    }
    let targets: [Target]
  }

  /// What `swift package dump-package` prints, with a folder of its own, since the tests hold the package's.
  private func manifest() throws -> Data {
    let scratch = FileManager.default.temporaryDirectory.appending(path: "phaseflow-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    return try run(
      "/usr/bin/env", ["swift", "package", "dump-package", "--scratch-path", scratch.path], input: nil)
  }

  private func run(_ path: String, _ arguments: [String], input: Data?) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = root
    let (output, standardInput) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    process.standardInput = standardInput
    try process.run()
    DispatchQueue.global().async {
      if let input { standardInput.fileHandleForWriting.write(input) }
      try? standardInput.fileHandleForWriting.close()
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(path) \(arguments)")
    return data
  }

  @Test("is that of Package.swift; else run Scripts/architecture.sh")
  func upToDate() throws {
    let program = Program(name: "phaseflow-architecture")
    let drawn = try run(program.url.path, [], input: manifest())
    let kept = try Data(contentsOf: root.appending(path: "docs/architecture.svg"))
    #expect(drawn == kept, "docs/architecture.svg is out of date: run Scripts/architecture.sh")
  }

  @Test("has no arrow from what only observes or integrates ODEs, nor from the test kit, to OpenBLAS")
  func withoutBLAS() throws {
    let targets = try JSONDecoder().decode(Manifest.self, from: manifest()).targets
    let uses = Dictionary(
      uniqueKeysWithValues: targets.map { target in
        (target.name, target.dependencies.compactMap { ($0["byName"] ?? $0["target"])?.first ?? nil })
      })
    func reachable(_ name: String) -> Set<String> {
      Set((uses[name] ?? []).flatMap { [$0] + reachable($0) })
    }
    #expect(reachable("GradientFlow").contains("CFlowKernels"))
    for name in [
      "ODECore", "RungeKutta", "SundialsIntegrators", "Networks", "PluginKit", "ODETestKit", "SystemsPlugins",
      "PhaseFlowPlugin", "PluginTemplates",
    ] {
      #expect(
        uses[name] != nil && reachable(name).isDisjoint(with: ["CFlowKernels", "CKinkFlow"]), "\(name)")
    }
  }

  @Test("is explained: docs/architecture.md has a line on every library")
  func explained() throws {
    let text = try String(contentsOf: root.appending(path: "docs/architecture.md"), encoding: .utf8)
    let targets = try JSONDecoder().decode(Manifest.self, from: manifest()).targets
    for target in targets
    where ["regular", "system"].contains(target.type) && !target.name.hasSuffix("Plain") {
      #expect(text.contains("`\(target.name)`"), "\(target.name)")
    }
  }

  @Test("has no two public types of one name, and none that is called like a module")
  func names() throws {
    let declaration =
      /( *)(?:@\w+(?:\([^)]*\))? +)*public +(?:(?:final|indirect) +)*(?:struct|class|enum|protocol|actor|typealias) +(\w+)/
    var (outer, inner): ([String: [String]], [(name: String, file: String)]) = ([:], [])
    for folder in ["Sources", "Plugins"] {
      for path in try FileManager.default.subpathsOfDirectory(atPath: root.appending(path: folder).path)
      where path.hasSuffix(".swift") {
        let file = "\(folder)/\(path)"
        let text = try String(contentsOf: root.appending(path: file), encoding: .utf8)
        for line in text.split(separator: "\n") {
          guard let match = line.prefixMatch(of: declaration) else { continue }
          let name = String(match.2)
          if match.1.isEmpty { outer[name, default: []].append(file) } else { inner.append((name, file)) }
        }
      }
    }
    #expect(outer.count > 250)
    for (name, files) in outer where files.count > 1 { Issue.record("\(name) is declared in \(files)") }
    for (name, file) in inner {
      if let files = outer[name] { Issue.record("\(name) of \(file) is called like that of \(files)") }
    }
    let targets = try JSONDecoder().decode(Manifest.self, from: manifest()).targets
    // BuiltinPlugins is all that its module has.
    for target in targets where outer[target.name] != nil && target.name != "BuiltinPlugins" {
      Issue.record("a module and a type are named \(target.name)")
    }
  }
}
