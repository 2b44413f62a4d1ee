import Foundation
import Testing

@Suite("phaseflow sweep", .serialized) struct SweepCommandTests {
  let phaseflow = Program(name: "phaseflow")

  /// Sixty-odd runs of some milliseconds each.
  private let definition = """
    base: {data: four-points, asi: true, rtol: 0.01, observe: [relative-distance], record: steps}
    axes: {gamma: {from: 0.5, to: 1.75, count: 5}, gamma-prime: [-0.2, 0.2], width: [500, 2000], seed: [1, 2, 3]}
    asi-width: copy
    accuracy: {sample: 3}
    """

  private func withSweep(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try definition.write(toFile: folder + "/s.yaml", atomically: true, encoding: .utf8)
      try body(folder)
    }
  }

  private func table(_ store: String, in folder: String) throws -> [String] {
    let result = try phaseflow("sweep", "export", store, "--csv", in: folder)
    #expect(result.exitCode == 0, "\(result.errors)")
    return withoutSeconds(result.output)
  }

  @Test("killed ten times at odd moments, then by Ctrl-C, it comes to what an unbroken one comes to")
  func killed() throws {
    try withSweep { folder in
      let whole = try phaseflow("sweep", "s.yaml", "--out", "whole", "--quiet", in: folder)
      #expect(whole.exitCode == 0, "\(whole.errors)")
      for i in 0..<10 {
        let (process, _, _) = phaseflow.process(
          ["sweep", "s.yaml", "--out", "broken", "--quiet"], in: folder)
        try process.run()
        Thread.sleep(forTimeInterval: 0.02 + 0.013 * Double(i * i % 11))
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
      }
      let (process, _, _) = phaseflow.process(["sweep", "s.yaml", "--out", "broken", "--quiet"], in: folder)
      try process.run()
      Thread.sleep(forTimeInterval: 0.05)
      process.interrupt()
      process.waitUntilExit()
      #expect([0, 130].contains(process.terminationStatus))
      let last = try phaseflow("sweep", "s.yaml", "--out", "broken", "--quiet", in: folder)
      #expect(last.exitCode == 0, "\(last.errors)")
      #expect(try table("broken", in: folder) == table("whole", in: folder))
    }
  }

  @Test("two processes on one store share the runs, and neither repeats one")
  func two() throws {
    try withSweep { folder in
      let processes = (0..<2).map { _ in
        phaseflow.process(["sweep", "s.yaml", "--out", "o", "--json", "--workers", "1"], in: folder)
      }
      for (process, _, _) in processes { try process.run() }
      let outputs = processes.map { $0.1.fileHandleForReading.readDataToEndOfFile() }
      for (process, _, _) in processes {
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
      }
      // Both waited for the end, and tell the same.
      #expect(outputs[0] == outputs[1])
      let alone = try phaseflow("sweep", "s.yaml", "--out", "alone", "--quiet", in: folder)
      #expect(alone.exitCode == 0)
      #expect(try table("o", in: folder) == table("alone", in: folder))
    }
  }

  @Test("show prints a command that repeats a run to the bit")
  func show() throws {
    try withSweep { folder in
      #expect(try phaseflow("sweep", "s.yaml", "--out", "o", "--quiet", in: folder).exitCode == 0)
      let shown = try phaseflow("sweep", "show", "o", "37", in: folder).output
      let command = try #require(shown.split(separator: "\n").last)
      #expect(command.hasPrefix("phaseflow run "))
      let again = try phaseflow.run(
        command.split(separator: " ").dropFirst().map(String.init) + ["--json"], in: folder)
      let alone = try #require(
        JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
      let exported = try phaseflow("sweep", "export", "o", "--json", in: folder).output
      let rows = try #require(JSONSerialization.jsonObject(with: Data(exported.utf8)) as? [[String: Any]])
      let row = try #require(rows.first { $0["run"] as? Int == 37 })
      for key in ["loss", "time", "initialLoss", "returnCode", "observers"] {
        #expect(alone[key] as? NSObject == row[key] as? NSObject, "\(key)")
      }
      let yaml = try phaseflow("sweep", "show", "o", "37", "--yaml", in: folder).output
      try yaml.write(toFile: folder + "/r.yaml", atomically: true, encoding: .utf8)
      let replayed = try phaseflow("run", "r.yaml", "--json", in: folder)
      #expect(replayed.output.contains("\"loss\" : \(alone["loss"]!)"))
    }
  }

  @Test("failed runs are listed with their reason, exit with 1, and are done again alone")
  func failures() throws {
    try withTemporaryFolder { folder in
      // Three steps are not enough for the wide networks' tolerance.
      try """
      base: {data: four-points, observe: [relative-distance], integrator: dormand-prince, max-steps: 40}
      axes: {gamma: [0.5], width: [10, 20], rtol: [1e-1, 1e-9]}
      accuracy: {sample: 0}
      """.write(toFile: folder + "/s.yaml", atomically: true, encoding: .utf8)
      let result = try phaseflow("sweep", "s.yaml", "--out", "o", in: folder)
      #expect(result.exitCode == 1)
      #expect(result.output.contains("failed:") && result.output.contains("maxSteps"), "\(result.output)")
      // The same command does nothing again.
      let before = try phaseflow("sweep", "export", "o", "--csv", in: folder).output
      #expect(try phaseflow("sweep", "s.yaml", "--out", "o", in: folder).exitCode == 1)
      #expect(try phaseflow("sweep", "export", "o", "--csv", in: folder).output == before)
      #expect(try phaseflow("sweep", "s.yaml", "--out", "o", "--retry-failed", in: folder).exitCode == 1)
      let after = try phaseflow("sweep", "export", "o", "--csv", in: folder).output
      let changed = zip(before.split(separator: "\n"), after.split(separator: "\n")).filter { $0 != $1 }
      #expect(!changed.isEmpty && changed.allSatisfy { $0.0.contains("maxSteps") })
    }
  }

  @Test(
    "wrong usage exits with 2, says what is wrong, and writes nothing",
    arguments: [
      (["sweep", "figure-8", "--out", "o"], "figure-4"),
      (["sweep", "s.yaml", "--quick", "--out", "o"], "preset"),
      (["sweep", "s.yaml", "--out", "o", "--shard", "3/2"], "3/2"), (["sweep", "s.yaml"], "--out"),
      (["sweep", "s.yaml", "--out", "o", "--workers", "0"], "workers"),
      (["sweep", "show", "nowhere", "1"], "nowhere"),
      (["sweep", "export", "nowhere", "--csv"], "nowhere"),
      (["sweep", "merge", "a", "b", "--out", "o"], "'a'"),
      (["sweep", "submit", "s.yaml", "--out", "o"], "--slurm"),
      (["sweep", "submit", "s.yaml", "--slurm", "--shards", "0", "--out", "o"], "shards"),
      (["sweep", "s.yaml", "--out", "."], "holds no sweep"),
    ])
  func usage(arguments: [String], word: String) throws {
    try withSweep { folder in
      let result = try phaseflow.run(arguments, in: folder)
      #expect(result.exitCode == 2)
      #expect(result.output.isEmpty && result.errors.contains(word), "\(result.errors)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["s.yaml"])
    }
  }
}

/// The lines of an exported table without the seconds, the only column that hangs on chance.
func withoutSeconds(_ csv: String) -> [String] {
  csv.split(separator: "\n").map { line in
    var fields = line.split(separator: ",", omittingEmptySubsequences: false)
    fields.remove(at: 23)
    return fields.joined(separator: ",")
  }
}
