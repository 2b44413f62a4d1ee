import Foundation
import Testing

/// The pages of `docs/` and the README.
@Suite("The documentation") struct DocumentationTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL
  private static let docs = root.appending(path: "docs")

  private static func pages() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: docs, includingPropertiesForKeys: nil)
      .filter { $0.pathExtension == "md" }.sorted { $0.path < $1.path }
  }

  /// What a page links to, without those to other hosts.
  private static func links(_ page: URL) throws -> [String] {
    try String(contentsOf: page, encoding: .utf8).matches(of: #/\]\(([^)]+)\)/#).map { String($0.output.1) }
      .filter { !$0.contains("://") }
  }

  @Test("has no link that leads nowhere")
  func linksLead() throws {
    for page in try Self.pages() + ["README.md", "CONTRIBUTING.md"].map({ Self.root.appending(path: $0) }) {
      for link in try Self.links(page) {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(
          String.init)
        let target =
          parts[0].isEmpty
          ? page : page.deletingLastPathComponent().appending(path: parts[0]).standardizedFileURL
        #expect(FileManager.default.fileExists(atPath: target.path), "\(page.lastPathComponent): \(link)")
        guard parts.count == 2, target.pathExtension == "md" else { continue }
        // As code hosts name headings.
        let anchors = try String(contentsOf: target, encoding: .utf8).split(separator: "\n")
          .filter { $0.hasPrefix("#") }.map { heading in
            heading.drop { $0 == "#" || $0 == " " }.lowercased().filter {
              $0.isLetter || $0.isNumber || " -_".contains($0)
            }
            .replacing(" ", with: "-")
          }
        #expect(anchors.contains(parts[1]), "\(page.lastPathComponent): \(link)")
      }
    }
  }

  @Test("names no file of the project that is not there")
  func filesExist() throws {
    let path = #/`((?:Sources|Plugins|Tests|Scripts|Benchmarks|Examples)\/[A-Za-z0-9_.\/+-]+)`/#
    for page in try Self.pages()
      + ["README.md", "CONTRIBUTING.md", "NOTICE.md"].map({ Self.root.appending(path: $0) })
    {
      for match in try String(contentsOf: page, encoding: .utf8).matches(of: path) {
        let file = String(match.output.1)
        // What the reader is told to write.
        if file.hasPrefix("Plugins/Mine/") { continue }
        #expect(
          FileManager.default.fileExists(atPath: Self.root.appending(path: file).path),
          "\(page.lastPathComponent): \(file)")
      }
    }
  }

  @Test("has no page that cannot be reached from its first one, nor that one from the README")
  func reachable() throws {
    var reached: Set<String> = []
    var open = [Self.docs.appending(path: "README.md")]
    while let page = open.popLast() {
      guard reached.insert(page.path).inserted else { continue }
      open += try Self.links(page).map { link in
        page.deletingLastPathComponent().appending(path: String(link.prefix { $0 != "#" }))
          .standardizedFileURL
      }.filter { $0.pathExtension == "md" }
    }
    for page in try Self.pages() { #expect(reached.contains(page.path), "\(page.lastPathComponent)") }
    #expect(try Self.links(Self.root.appending(path: "README.md")).contains("docs/README.md"))
  }

  @Test(
    "has a reference without a link that leads nowhere, and without a public declaration that it does not explain"
  )
  func reference() throws {
    guard ["docc", "swift-symbolgraph-extract"].allSatisfy(Self.isInstalled) else { return }
    let folder = FileManager.default.temporaryDirectory.appending(path: "reference-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let bin = Program(name: "phaseflow").url.deletingLastPathComponent().path
    let process = Process()
    process.executableURL = Self.root.appending(path: "Scripts/docs.sh")
    process.arguments = [bin, folder.path]
    let said = Pipe()
    process.standardOutput = said
    process.standardError = said
    try process.run()
    let text = String(decoding: said.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(text.suffix(2000))")

    let symbols = folder.appending(path: "symbols")
    var count = 0
    var plugins: Set<String> = []
    for module in try FileManager.default.contentsOfDirectory(at: symbols, includingPropertiesForKeys: nil) {
      for file in try FileManager.default.contentsOfDirectory(at: module, includingPropertiesForKeys: nil) {
        let graph = try JSONDecoder().decode(SymbolGraph.self, from: Data(contentsOf: file))
        for symbol in graph.symbols where symbol.isOurs(Self.root) {
          count += 1
          if module.lastPathComponent.hasSuffix("Plugins") { plugins.insert(module.lastPathComponent) }
          // What a requirement of a protocol says counts for its witnesses, too.
          let name = symbol.pathComponents.joined(separator: ".")
          #expect(symbol.docComment != nil, "\(module.lastPathComponent): \(name) has no comment")
        }
      }
    }
    #expect(count > 1000)
    // Activations, losses, data sets, observers, systems, integrators, dynamics, and the catalogue of all.
    #expect(plugins.count == 8, "\(plugins.sorted())")
  }

  private static func isInstalled(_ tool: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)")
    }
  }

  /// Of the files that `swift-symbolgraph-extract` writes.
  private struct SymbolGraph: Decodable {
    struct Symbol: Decodable {
      struct Kind: Decodable { let identifier: String }
      struct Comment: Decodable {}
      struct Location: Decodable { let uri: String }
      let kind: Kind
      let pathComponents: [String]
      let docComment: Comment?
      let location: Location?

      func isOurs(_ root: URL) -> Bool {
        kind.identifier != "swift.extension"
          && ["Sources", "Plugins"].contains {
            location?.uri.contains(root.appending(path: $0).path + "/") == true
          }
      }
    }
    let symbols: [Symbol]
  }

  /// Pages whose blocks of commands (```sh) are run one after the other in a folder of their own.
  @Test(
    "has commands that work as they are printed",
    arguments: [
      "first-phase-diagram", "regimes", "your-data", "your-ode", "decay-rates", "learning-rate", "cluster",
      "../README",
    ])
  func commandsWork(page: String) throws {
    let text = try String(contentsOf: Self.docs.appending(path: "\(page).md"), encoding: .utf8)
    let blocks = text.matches(of: #/```sh\n((?s:.*?))```/#).map { String($0.output.1) }
    #expect(!blocks.isEmpty)
    let folder = FileManager.default.temporaryDirectory.appending(path: "docs-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-eu", "-c", blocks.joined(separator: "\n")]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    let bin = Program(name: "phaseflow").url.deletingLastPathComponent().path
    environment["PATH"] = bin + ":" + (environment["PATH"] ?? "")
    process.environment = environment
    let errors = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(page): \(said)")
  }
}
