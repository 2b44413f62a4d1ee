import Foundation
import Testing

/// The files that tell others what this is, and the machines elsewhere what to do.
@Suite("What is published") struct PublishingTests {
  private static let root = URL(filePath: #filePath).appending(path: "../../..").standardizedFileURL

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  @Test("has one version: the program's, the citation's and the changelog's first")
  func version() throws {
    let version = try Program(name: "phaseflow")("--version").output.trimmingCharacters(in: .newlines)
    #expect(try Self.text("CITATION.cff").contains("\nversion: \(version)\n"))
    let first = try Self.text("CHANGELOG.md").firstMatch(of: #/\n## (\S+)/#)
    #expect(first.map { String($0.output.1) } == version)
  }

  @Test("documents the same modules wherever that is done")
  func modules() throws {
    let script = try #require(try Self.text("Scripts/docs.sh").firstMatch(of: #/\nmodules="([^"]*)"/#))
    let index = try #require(
      try Self.text(".spi.yml").firstMatch(of: #/documentation_targets:\s*\[([^\]]*)\]/#))
    let (built, listed) = (
      script.output.1.split(separator: " "), index.output.1.split(whereSeparator: { ", ".contains($0) })
    )
    #expect(built == listed)
    let catalogues = try FileManager.default.contentsOfDirectory(
      atPath: Self.root.appending(path: "Sources").path
    ).filter {
      FileManager.default.fileExists(atPath: Self.root.appending(path: "Sources/\($0)/\($0).docc").path)
    }
    #expect(Set(catalogues) == Set(built.map(String.init)))
  }

  private static let workflowNames = ["test", "docs", "release", "bench"]

  /// What is made in the lines of `text` that begin with `prefix`.
  private static func targets(_ text: String, _ prefix: Regex<Substring>) -> Set<String> {
    Set(
      text.matches(of: prefix).flatMap { match in
        text[match.range.upperBound...].prefix { $0.isLowercase || $0 == "-" || $0 == " " }
          .split(separator: " ").map(String.init)
      })
  }

  @Test("asks for commands that there are, in every workflow", arguments: workflowNames)
  func workflows(name: String) throws {
    let makefile = try Self.text("Makefile")
    let calls = Self.targets(try Self.text(".github/workflows/\(name).yml"), #/run: make /#)
    #expect(!calls.isEmpty)
    for target in calls { #expect(makefile.contains("\n\(target):"), "make \(target)") }
  }

  @Test("has each command of make that the README names run by a workflow")
  func readme() throws {
    let run = try Self.workflowNames.reduce(into: Set<String>()) {
      $0.formUnion(Self.targets(try Self.text(".github/workflows/\($1).yml"), #/run: make /#))
    }
    let readme = try Self.text("README.md")
    let named = Self.targets(readme, #/`make /#).union(Self.targets(readme, #/\nmake /#))
    #expect(named.count >= 7 && named.isSubset(of: run), "\(named.subtracting(run).sorted())")
  }

  @Test("promises, reports of holes and forms for issues are where they are looked for")
  func files() {
    for path in [
      "LICENSE", "SECURITY.md", "CONTRIBUTING.md", "CITATION.cff", ".spi.yml", "docs/versioning.md",
      ".github/ISSUE_TEMPLATE/wrong-result.yml", ".github/ISSUE_TEMPLATE/idea.yml",
    ] {
      #expect(FileManager.default.fileExists(atPath: Self.root.appending(path: path).path), "\(path)")
    }
  }
}
