import Foundation
import Testing

@Suite("phaseflow watch", .serialized) struct WatchTests {
  private let program = Program(name: "phaseflow")

  private func withFolder(_ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "watch-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder)
  }

  /// Waits a minute at the most.
  private func appears(_ file: URL) -> Bool {
    for _ in 0..<600 {
      if FileManager.default.fileExists(atPath: file.path) { return true }
      usleep(100_000)
    }
    return false
  }

  private func start(_ arguments: [String], in folder: URL) throws -> Process {
    let (process, _, _) = program.process(arguments, in: folder.path)
    (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
    try process.run()
    return process
  }

  // 1e7 steps of 2000 neurons take minutes; it is interrupted long before.
  @Test("draws a run under way, ends at Ctrl-C without touching it, and says when it is complete")
  func run() throws {
    try withFolder { folder in
      let run = try start(
        [
          "run", "--width", "2000", "--integrator", "euler", "--step", "1e-5", "--t-end", "1e3",
          "--max-steps",
          "10000000", "--observe", "relative-distance", "--checkpoint-interval", "0.2", "--out", "r",
          "--quiet",
        ], in: folder)
      defer { if run.isRunning { run.terminate() } }
      #expect(appears(folder.appending(path: "r.part/checkpoint.json")))
      let watch = try start(["watch", "r", "--interval", "0.2"], in: folder)
      #expect(appears(folder.appending(path: "r.part/loss.png")))
      #expect(run.isRunning && watch.isRunning)
      watch.interrupt()
      watch.waitUntilExit()
      #expect(watch.terminationStatus == 0 && run.isRunning)
      run.interrupt()
      run.waitUntilExit()
      #expect(run.terminationStatus == 130)
      // An interrupted run may be resumed, so only one that reached its end is complete.
      #expect(try program("run", "--width", "20", "--out", "done", "--quiet", in: folder.path).exitCode == 0)
      let after = try program("watch", "done", in: folder.path)
      #expect(after.exitCode == 0 && after.output.contains("the run in 'done' is complete"), "\(after)")
    }
  }

  @Test("draws a sweep again, and its page, which no longer reloads itself when all runs are done")
  func sweep() throws {
    try withFolder { folder in
      let definition = """
        base: {data: four-points, rtol: 1.0e-2}
        axes: {gamma: [0.5, 1.75], width: [20, 40]}
        accuracy: {sample: 0}
        """
      try definition.write(to: folder.appending(path: "s.yaml"), atomically: true, encoding: .utf8)
      #expect(try program("sweep", "s.yaml", "--out", "s", in: folder.path).exitCode == 0)
      try FileManager.default.removeItem(at: folder.appending(path: "s/growth.png"))
      let seen = try program("watch", "s", in: folder.path)
      #expect(seen.exitCode == 0 && seen.output.contains("the sweep in 's' is complete"), "\(seen)")
      #expect(FileManager.default.fileExists(atPath: folder.appending(path: "s/growth.png").path))
      let page = try String(contentsOf: folder.appending(path: "s/report.html"), encoding: .utf8)
      #expect(!page.contains("http-equiv=\"refresh\""))
    }
  }

  @Test(
    "says what it cannot follow",
    arguments: [
      (["nothing"], "there is no run or sweep in 'nothing'"), (["x", "--interval", "0"], "from 0.1"),
    ])
  func mistakes(arguments: [String], message: String) throws {
    try withFolder { folder in
      let result = try program.run(["watch"] + arguments, in: folder.path)
      #expect(result.exitCode == 2 && result.errors.contains(message), "\(result)")
    }
  }
}
