import Foundation
import Testing

@Suite("phaseflow validate") struct ValidateTests {
  let phaseflow = Program(name: "phaseflow")

  @Test("a report has its table, its pictures and its JSON, and flags win over the file")
  func report() throws {
    try withTemporaryFolder { folder in
      try "widths: [50, 100]\nseeds: 3\npoints: [[1.75, 0]]\nstatement: [theorem-8, energy]\n".write(
        toFile: folder + "/c.yaml", atomically: true, encoding: .utf8)
      let result = try phaseflow("validate", "c.yaml", "--seeds", "5,7", "--out", "r", "--json", in: folder)
      #expect(result.exitCode == 0, "\(result.errors)")
      let object = try #require(
        JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      #expect(object["sound"] as? Bool == true && object["runs"] as? Int == 4)
      let statements = try #require(object["statements"] as? [[String: Any]])
      #expect(statements.compactMap { $0["identifier"] as? String }.sorted() == ["energy", "theorem-8"])
      #expect(statements.allSatisfy { $0["verdict"] as? String == "holds" })
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/r")
      for file in [
        "report.md", "report.json", "config.yaml", "theorem-8-distance.png", "theorem-8-distance.gp",
      ] {
        #expect(files.contains(file), "\(file)")
      }
      // The settings written give the same report.
      let again = try phaseflow("validate", "r/config.yaml", "--threads", "1", "--json", in: folder)
      #expect(again.output == result.output)
    }
  }

  @Test("a statement that fails makes the exit code 1, and the report is there")
  func failure() throws {
    try withTemporaryFolder { folder in
      // At these widths S_w is 0.03 above its limit 0.125, its 95 % margin 0.005.
      let result = try phaseflow(
        "validate", "--statement", "exponents", "--points", "1.75:0.5", "--widths", "1000,2000,4000",
        "--exponent-tolerance", "0", "--out", "r", in: folder)
      #expect(result.exitCode == 1 && result.output.contains("fails"), "\(result.output)\(result.errors)")
      #expect(FileManager.default.fileExists(atPath: folder + "/r/report.md"))
    }
  }

  @Test(
    "wrong usage exits with 2, says what is wrong, and writes nothing",
    arguments: [
      (["--statement", "theorem-6z"], "theorem-6a"), (["--widths", "10,x"], "widths"),
      (["--widths", "7"], "even"),
      (["--seeds", "1,,2"], "seeds"), (["--seeds", "0"], "seeds"), (["--points", "1"], "0.5:0"),
      (["--delta", "1"], "delta"), (["--data", "absent.csv"], "absent.csv"),
      (["--integrator", "rk4"], "error control"),
      (["--stop-loss", "1e9"], "stop-loss"), (["absent.yaml"], "absent.yaml"), (["c.yaml"], "widths"),
    ])
  func usage(arguments: [String], word: String) throws {
    try withTemporaryFolder { folder in
      try "width: [50]\n".write(toFile: folder + "/c.yaml", atomically: true, encoding: .utf8)
      let (process, output, errors) = phaseflow.process(
        ["validate"] + arguments + ["--out", "out"], in: folder)
      try process.run()
      let text = output.fileHandleForReading.readDataToEndOfFile()
      let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 2 && text.isEmpty)
      #expect(complaint.contains(word), "\(complaint)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["c.yaml"])
    }
  }

  @Test("a folder that cannot be made is known before any run", arguments: ["c.yaml/r", "/proc/absent/r"])
  func impossibleFolder(out: String) throws {
    try withTemporaryFolder { folder in
      try "widths: [50]\n".write(toFile: folder + "/c.yaml", atomically: true, encoding: .utf8)
      let result = try phaseflow("validate", "--widths", "2000000", "--out", out, in: folder)
      #expect(result.exitCode == 2 && result.output.isEmpty)
      #expect(
        result.errors.contains("cannot create the folder") && !result.errors.contains("seed"),
        "\(result.errors)")
    }
  }

  @Test("Ctrl-C ends it with 130 and leaves nothing behind")
  func interrupt() throws {
    try withTemporaryFolder { folder in
      let (process, _, errors) = phaseflow.process(
        ["validate", "--widths", "2000000,4000000", "--statement", "energy", "--out", "r"], in: folder)
      try process.run()
      Thread.sleep(forTimeInterval: 1)
      #expect(process.isRunning)
      process.interrupt()
      let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 130 && text.contains("interrupted"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }
  }

  @Test("killed and interrupted at odd moments, the same command comes to the same report")
  func resumed() throws {
    try withTemporaryFolder { folder in
      let words = [
        "validate", "--widths", "500,1000,2000", "--points", "0.5:0,1.75:0", "--statement",
        "energy,theorem-8",
        "--threads", "1",
      ]
      let whole = try phaseflow.run(words + ["--out", "whole", "--quiet"], in: folder)
      #expect(whole.exitCode == 0, "\(whole.errors)")
      for i in 0..<4 {
        let (process, _, errors) = phaseflow.process(words + ["--out", "broken", "--quiet"], in: folder)
        try process.run()
        func kept() -> Int {
          let names = try? FileManager.default.contentsOfDirectory(atPath: folder + "/broken.part/runs")
          return names?.count { $0.hasSuffix(".run") } ?? 0
        }
        // One run or more further each time.
        while process.isRunning, kept() < 2 * (i + 1) { usleep(1000) }
        if i == 3 { process.interrupt() } else { kill(process.processIdentifier, SIGKILL) }
        let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(kept() >= 2 * (i + 1), "it was over before it was stopped")
        if i == 3 { #expect(process.terminationStatus == 130 && text.contains("same command"), "\(text)") }
        // Another validation does not take its place.
        let other = try phaseflow.run(words + ["--rtol", "1e-3", "--out", "broken"], in: folder)
        #expect(other.exitCode == 2 && other.errors.contains("+ rtol"), "\(other.errors)")
      }
      let end = try phaseflow.run(words + ["--out", "broken", "--quiet"], in: folder)
      #expect(end.exitCode == 0, "\(end.errors)")
      for file in ["report.json", "report.md", "config.yaml"] {
        #expect(
          FileManager.default.contents(atPath: "\(folder)/broken/\(file)")
            == FileManager.default.contents(atPath: "\(folder)/whole/\(file)"), "\(file)")
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder + "/broken")
      #expect(
        names.contains("provenance.json") && !names.contains("runs") && !names.contains("identity.yaml"))
    }
  }
}
