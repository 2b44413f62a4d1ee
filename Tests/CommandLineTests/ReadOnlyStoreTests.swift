import Foundation
import Testing

/// Stores that this user may read and not write: the program runs without the right to override permissions, which
/// root has, in folders and files whose permissions forbid writing.
@Suite("A sweep's store that cannot be written") struct ReadOnlyStoreTests {
  private let definition = """
    base: {data: four-points, rtol: 0.01, observe: [relative-distance]}
    axes: {gamma: [0.5, 1.75], width: [20, 60]}
    accuracy: {sample: 0}
    """
  private let phaseflow = Program(name: "phaseflow")
  /// util-linux' setpriv is on every Debian; who is not root has no right to drop.
  private func humble(_ words: [String], in folder: String) throws -> Program.Result {
    let setpriv = #"exec setpriv --bounding-set=-dac_override,-dac_read_search "$0" "$@""#
    return try phaseflow.run(words, in: folder, limits: geteuid() == 0 ? setpriv : "true")
  }

  private func humble(_ words: String..., in folder: String) throws -> Program.Result {
    try humble(words, in: folder)
  }

  private func withStore(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try definition.write(toFile: folder + "/s.yaml", atomically: true, encoding: .utf8)
      let made = try phaseflow("sweep", "s.yaml", "--out", "s", "--quiet", in: folder)
      #expect(made.exitCode == 0, "\(made.errors)")
      defer { setWritable(folder + "/s", true) }
      try body(folder)
    }
  }

  private func setWritable(_ folder: String, _ isWritable: Bool) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names { chmod("\(folder)/\(name)", isWritable ? 0o644 : 0o444) }
    chmod(folder, isWritable ? 0o755 : 0o555)
  }

  /// All that reads.
  private func expectReadable(_ folder: String) throws {
    let table = try phaseflow("sweep", "export", "s", "--csv", in: folder)
    setWritable(folder + "/s", false)
    let before = try FileManager.default.contentsOfDirectory(atPath: folder + "/s").sorted()
    let again = try humble("sweep", "export", "s", "--csv", in: folder)
    #expect(again.exitCode == 0 && again.output == table.output, "\(again.errors)")
    let shown = try humble("sweep", "show", "s", "2", in: folder)
    #expect(shown.exitCode == 0 && shown.output.contains("phaseflow run"), "\(shown.errors)")
    let page = try humble("sweep", "report", "s", "--out", "page.html", in: folder)
    #expect(
      page.exitCode == 0 && FileManager.default.fileExists(atPath: folder + "/page.html"), "\(page.errors)")
    let merged = try humble("sweep", "merge", "s", "--out", "merged", in: folder)
    #expect(merged.exitCode == 0 && merged.output.contains("4 of 4"), "\(merged.errors)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/s").sorted() == before)
  }

  private func expectRefused(_ folder: String) throws {
    for words in [
      ["sweep", "s.yaml", "--out", "s"], ["sweep", "s.yaml", "--extend", "--out", "s"],
      ["sweep", "merge", "s", "--out", "s"],
    ] {
      let result = try humble(words, in: folder)
      #expect(
        result.exitCode == 2 && result.errors.contains("cannot write in the sweep's folder")
          && result.errors.contains("Permission denied") && !result.errors.contains("SQLite"),
        "\(result.errors)")
    }
    let page = try humble("sweep", "report", "s", in: folder)
    #expect(page.exitCode == 2 && page.errors.contains("report.html"), "\(page.errors)")
  }

  @Test("is read, and a sweep there is refused in words")
  func permissions() throws {
    try withStore { folder in
      try expectReadable(folder)
      try expectRefused(folder)
    }
  }

  @Test("is read with the log that a killed process left, with and without the log's index")
  func log() throws {
    try withTemporaryFolder { folder in
      let larger = definition.replacingOccurrences(of: "[20, 60]", with: "{from: 20, to: 4000, count: 200}")
      try larger.write(toFile: folder + "/s.yaml", atomically: true, encoding: .utf8)
      defer { setWritable(folder + "/s", true) }
      let (process, _, _) = phaseflow.process(["sweep", "s.yaml", "--out", "s", "--quiet"], in: folder)
      try process.run()
      func logSize() -> Int {
        let facts = try? FileManager.default.attributesOfItem(atPath: folder + "/s/sweep.sqlite-wal")
        return facts?[.size] as? Int ?? 0
      }
      while process.isRunning, logSize() < 1_000_000 { usleep(2000) }
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(logSize() >= 1_000_000, "the sweep was over before its log was long")
      // What a user who may write sees, and whose reading ends the log.
      try FileManager.default.copyItem(atPath: folder + "/s", toPath: folder + "/copy")
      let table = try phaseflow("sweep", "export", "copy", "--csv", in: folder)
      #expect(table.output.contains(",stopped,"))
      for keepsIndex in [true, false] {
        setWritable(folder + "/s", true)
        if !keepsIndex { try FileManager.default.removeItem(atPath: folder + "/s/sweep.sqlite-shm") }
        setWritable(folder + "/s", false)
        let again = try humble("sweep", "export", "s", "--csv", in: folder)
        #expect(again.exitCode == 0 && again.output == table.output, "\(again.errors)")
      }
    }
  }
}
