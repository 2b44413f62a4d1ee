import Foundation
import Testing

@Suite("The command line") struct CommandLineTests {
  let phaseflow = Program(name: "phaseflow")

  @Test("run --json prints exactly one JSON object with the documented keys")
  func json() throws {
    let result = try phaseflow(
      "run", "--data", "four-points", "--gamma", "1", "--width", "50", "--stop-loss", "1e-4", "--json")
    #expect(result.exitCode == 0)
    let object = try #require(
      JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    for key in [
      "returnCode", "integrator", "width", "gamma", "gammaPrime", "seed", "time", "loss", "initialLoss",
      "statistics", "observers",
    ] { #expect(object[key] != nil, "\(key)") }
    #expect(object["returnCode"] as? String == "stopped")
    let statistics = try #require(object["statistics"] as? [String: Any])
    for key in ["nfev", "accepted", "rejected", "njtimes", "nni", "ncfn", "wallSeconds"] {
      #expect(statistics[key] != nil, "\(key)")
    }
    let observers = try #require(object["observers"] as? [String: [String: Any]])
    for (name, keys) in [
      "relative-distance": ["w", "a", "theta", "supW"],
      "loss-decay": ["rate", "ratePredicted", "rSquared"], "condensation": ["clusters", "entropy"],
      "conservation": ["maxDefect"],
    ] {
      for key in keys { #expect(observers[name]?[key] != nil, "\(name).\(key)") }
    }
  }

  @Test("run --out writes a whole folder, and flags win over the file")
  func folder() throws {
    try withTemporaryFolder { folder in
      try "width: 30\ngamma: 0.5\nseed: 9\nt-end: 1\n".write(
        toFile: folder + "/c.yaml", atomically: true, encoding: .utf8)
      let result = try phaseflow("run", "c.yaml", "--width", "40", "--out", "r", in: folder)
      #expect(result.exitCode == 0, "\(result.errors)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/r")
      for file in [
        "config.yaml", "summary.json", "trajectory.csv", "neurons-initial.npy", "neurons-final.npy",
        "loss.svg", "loss.png", "loss.gp", "function.png", "neurons.png", "relative-distance.png",
      ] { #expect(files.contains(file), "\(file)") }
      let written = try String(contentsOfFile: folder + "/r/config.yaml", encoding: .utf8)
      #expect(written.contains("width: 40") && written.contains("seed: 9"))
      #expect(!files.contains { $0.hasPrefix("checkpoint") })
      let redrawn = try phaseflow("plot", "r", in: folder)
      #expect(redrawn.exitCode == 0, "\(redrawn.errors)")
      let both = try phaseflow("plot", "r", "r", "--out", "p", in: folder)
      #expect(both.exitCode == 0 && both.output.contains("functions-and-neurons.png"), "\(both.errors)")
    }
  }

  @Test(
    "wrong usage exits with 2, says what is wrong, and writes nothing",
    arguments: [
      (["run", "--integrator", "dormand-prnce"], "dormand-prince"), (["run", "--width", "0"], "width"),
      (["run", "--width", "7", "--asi"], "even"), (["run", "--rtol=-1"], "rtol"),
      (["run", "--t-end=-1"], "t-end"), (["run", "--data", "absent.csv"], "absent.csv"),
      (["run", "--data", "ragged.csv"], "line 3"), (["run", "--data", "nan.csv"], "finite"),
      (["run", "--data", "idx:short,short"], "short"), (["run", "--no-such-flag"], "no-such-flag"),
      (["run", "--gamma", "much"], "gamma"), (["run", "--resume", "nowhere"], "nowhere"),
      (["run", "--plugin", "absent.so"], "absent.so"), (["run", "--plugin", ""], "empty"),
      (["run", "--data", "/"], "Is a directory"), (["run", "--initial-state", "/"], "Is a directory"),
      (["run", "/"], "Is a directory"), (["run", "--gamma", "nan"], "gamma"),
      (["run", "--rtol", "inf"], "rtol"),
      (["run", "--initial-state", "ragged.csv", "--seed", "2"], "--seed"),
      (["run", "--start-over"], "--resume"),
      (["run", "--seed", "-1"], "-1"), (["run", "--checkpoint-interval", "nan"], "checkpoint-interval"),
      (["compare", "--rtols", "1,x"], "rtols"),
      (["compare", "--integrators", "rk5"], "rk4"), (["plot", "nowhere"], "nowhere"), (["fly"], "fly"),
    ])
  func usage(arguments: [String], word: String) throws {
    try withTemporaryFolder { folder in
      try "x,y\n1,2\n3\n".write(toFile: folder + "/ragged.csv", atomically: true, encoding: .utf8)
      try "x,y\n1,2\n3,nan\n".write(toFile: folder + "/nan.csv", atomically: true, encoding: .utf8)
      try Data([0, 0, 8, 3, 0, 0, 0, 9]).write(to: URL(filePath: folder + "/short"))
      let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      let takesFolder = ["run", "compare"].contains(arguments[0]) && !arguments.contains("--resume")
      let (process, output, errors) = phaseflow.process(
        arguments + (takesFolder ? ["--out", "out"] : []), in: folder)
      try process.run()
      let text = output.fileHandleForReading.readDataToEndOfFile()
      let complaint = String(
        decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(process.terminationStatus == 2)
      #expect(text.isEmpty)
      #expect(complaint.contains(word), "\(complaint)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
    }
  }

  @Test("an output folder that exists is left alone")
  func existingFolder() throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder + "/r", withIntermediateDirectories: true)
      let result = try phaseflow("run", "--width", "10", "--t-end", "1", "--out", "r", in: folder)
      #expect(result.exitCode == 2 && result.errors.contains("exists"))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/r").isEmpty)
    }
  }

  /// A run that would take very long, checkpointing often.
  private let longRun = [
    "run", "--width", "200", "--integrator", "euler", "--step", "1e-7", "--t-end", "1000", "--out", "r",
    "--checkpoint-interval", "0.05", "--quiet",
  ]

  @Test("Ctrl-C keeps the state, exits with 130, and the run resumes")
  func interrupt() throws {
    try withTemporaryFolder { folder in
      let (process, _, _) = phaseflow.process(longRun, in: folder)
      try process.run()
      waitForCheckpoint(folder)
      process.interrupt()
      process.waitUntilExit()
      #expect(process.terminationStatus == 130)
      let summary = try String(contentsOfFile: folder + "/r/summary.json", encoding: .utf8)
      #expect(summary.contains("\"interrupted\""))

      let (again, _, _) = phaseflow.process(
        ["run", "--resume", "r", "--quiet", "--checkpoint-interval", "0.05"], in: folder)
      try again.run()
      Thread.sleep(forTimeInterval: 0.5)
      #expect(again.isRunning)
      again.interrupt()
      again.waitUntilExit()
      #expect(again.terminationStatus == 130)
      let later = try String(contentsOfFile: folder + "/r/summary.json", encoding: .utf8)
      #expect(try time(later) > time(summary))
    }
  }

  @Test("kill -9 leaves an unfinished folder that resumes, and nothing under the final name")
  func kill() throws {
    try withTemporaryFolder { folder in
      let (process, _, _) = phaseflow.process(longRun, in: folder)
      try process.run()
      waitForCheckpoint(folder)
      Foundation.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      #expect(!FileManager.default.fileExists(atPath: folder + "/r"))
      let anew = try phaseflow("run", "--t-end", "1", "--out", "r", in: folder)
      #expect(anew.exitCode == 2 && anew.errors.contains("--resume"))
      let inFile = try phaseflow(
        "run", "--t-end", "1", "--width", "9", "--out", "r.part/config.yaml/r", in: folder)
      #expect(inFile.exitCode == 2 && inFile.errors.contains("Not a directory"), "\(inFile.errors)")
      let unnamed = try phaseflow("run", "--t-end", "1", "--width", "9", "--out", "", in: folder)
      #expect(unnamed.exitCode == 2 && unnamed.errors.contains("empty"))

      // The unfinished folder's own name, which completion offers, is as good as the run's.
      let (again, _, errors) = phaseflow.process(
        ["run", "--resume", "r.part", "--quiet", "--checkpoint-interval", "0.05"], in: folder)
      try again.run()
      Thread.sleep(forTimeInterval: 0.5)
      again.interrupt()
      let complaint = errors.fileHandleForReading.readDataToEndOfFile()
      again.waitUntilExit()
      #expect(again.terminationStatus == 130, "\(String(decoding: complaint, as: UTF8.self))")
      #expect(FileManager.default.fileExists(atPath: folder + "/r/neurons-final.npy"))
    }
  }

  @Test("a full disk ends a run with its summary, what is kept, and how to go on")
  func fullDisk() throws {
    try withTemporaryFolder { folder in
      // A limit of 64 KiB a file stands for the disk; the trajectory outgrows it.
      let result = try phaseflow(
        "run", "--width", "100", "--integrator", "euler", "--step", "1e-4", "--t-end", "1000", "--record",
        "steps",
        "--checkpoint-interval", "0.001", "--out", "r", "--json", in: folder, limits: "ulimit -f 128")
      #expect(result.exitCode == 1)
      #expect(
        result.errors.contains("kept") && result.errors.contains("phaseflow run --resume"), "\(result.errors)"
      )
      let summary = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      #expect(summary?["returnCode"] as? String == "interrupted")
      #expect((summary?["message"] as? String)?.contains("trajectory.csv") == true)

      let (again, _, _) = phaseflow.process(["run", "--resume", "r", "--quiet"], in: folder)
      try again.run()
      Thread.sleep(forTimeInterval: 0.5)
      #expect(again.isRunning)
      again.interrupt()
      again.waitUntilExit()
      #expect(again.terminationStatus == 130)
    }
  }

  @Test("a run that fails exits with 1 and still prints its JSON")
  func failure() throws {
    let result = try phaseflow(
      "run", "--activation", "identity", "--width", "20", "--gamma", "0", "--integrator", "euler",
      "--step", "100", "--t-end", "1e6", "--json")
    #expect(result.exitCode == 1)
    #expect(result.output.contains("\"nonFinite\""))
    #expect(result.errors.contains("nonFinite"))
  }

  @Test("compare prints a table and writes the diagram")
  func compare() throws {
    try withTemporaryFolder { folder in
      let result = try phaseflow(
        "compare", "--width", "20", "--activation", "tanh", "--t-end", "2", "--integrators",
        "dormand-prince,cvode-adams,rk4", "--rtols", "1e-3,1e-5", "--out", "c", in: folder)
      #expect(result.exitCode == 0, "\(result.errors)")
      #expect(result.output.contains("reference") && result.output.contains("cvode-adams"))
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/c")
      #expect(files.contains("work-precision-rd.svg") && files.contains("comparison.csv"))
      let json = try JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(filePath: folder + "/c/comparison.json")))
      let entries = try #require((json as? [String: Any])?["entries"] as? [[String: Any]])
      #expect(entries.count == 6)
      // Tighter is better, against a reference ten times tighter still.
      let errors = entries.filter { $0["integrator"] as? String == "dormand-prince" }
        .compactMap { $0["errorF"] as? Double }
      #expect(errors.count == 2 && errors[1] < errors[0])
    }
  }

  @Test(
    "compare shows its table once, on a terminal too",
    .enabled(
      if: FileManager.default.fileExists(atPath: "/dev/pts/ptmx"),
      "there are no terminals here: /dev/pts is not mounted"))
  func compareOnTerminal() throws {
    // script(1) gives the program a terminal; the limits' shell runs it.
    let command =
      "compare --width 20 --activation tanh --t-end 1 --integrators rk4,dormand-prince --rtols 1e-2"
    let result = try phaseflow(in: "/tmp", limits: "exec script -qec \"$0 \(command)\" /dev/null")
    #expect(result.exitCode == 0, "\(result.errors)")
    let lines = result.output.split(whereSeparator: \.isNewline)
    #expect(
      lines.count { $0.hasPrefix("rk4") } == 1 && lines.count { $0.hasPrefix("reference") } == 1, "\(lines)")
  }

  @Test("plot and resume load the plug-ins that a run was made with, and resume sees one that changed")
  func pluginOfRun() throws {
    try withTemporaryFolder { folder in
      let new = try phaseflow("plugins", "new", "activation", "my-act", "--language", "c", in: folder)
      #expect(new.exitCode == 0, "\(new.errors)")
      let make = Process()
      make.executableURL = URL(filePath: "/usr/bin/make")
      make.arguments = ["-s", "-C", folder + "/my-act"]
      try make.run()
      make.waitUntilExit()
      let library = folder + "/my-act/my-act.so"
      let (process, _, _) = phaseflow.process(
        longRun + ["--plugin", library, "--activation", "my-act", "--width", "20"], in: folder)
      try process.run()
      waitForCheckpoint(folder)
      process.interrupt()
      process.waitUntilExit()
      let plot = try phaseflow("plot", "r", in: folder)
      #expect(plot.exitCode == 0, "\(plot.errors)")

      // Without it there is all but the learned function.
      let away = folder + "/my-act/away.so"
      try FileManager.default.moveItem(atPath: library, toPath: away)
      let partly = try phaseflow("plot", "r", in: folder)
      #expect(partly.exitCode == 0 && partly.output.contains("loss.png"), "\(partly.errors)")
      #expect(partly.errors.contains("my-act.so' is gone") && !partly.output.contains("function.png"))
      try FileManager.default.moveItem(atPath: away, toPath: library)

      // Bytes after a library's end do not hinder loading it.
      let file = try FileHandle(forWritingTo: URL(filePath: library))
      try file.seekToEnd()
      try file.write(contentsOf: Data([0]))
      try file.close()
      let resumed = try phaseflow("run", "--resume", "r", in: folder)
      #expect(resumed.exitCode == 2 && resumed.errors.contains("my-act.so' changed"), "\(resumed.errors)")
    }
  }

  @Test("a comparison with nothing to be relative to has no errors, but its results")
  func compareNothing() throws {
    try withTemporaryFolder { folder in
      try "x,y\n-1,0\n1,0\n".write(toFile: folder + "/z.csv", atomically: true, encoding: .utf8)
      let start = try phaseflow(
        "run", "--data", "z.csv", "--width", "4", "--seed", "3", "--t-end", "1", "--out", "r", in: folder)
      #expect(start.exitCode == 0, "\(start.errors)")
      // From another folder: the data's path in config.yaml is absolute.
      let replay = try phaseflow("run", folder + "/r/config.yaml", "--json", in: "/")
      #expect(replay.exitCode == 0, "\(replay.errors)")
      let result = try phaseflow(
        "compare", "--data", "z.csv", "--activation", "tanh", "--width", "4", "--asi", "--t-end", "1",
        "--json",
        "--quiet", in: folder)
      #expect(result.exitCode == 0, "\(result.errors)")
    }
  }

  @Test("a negative number needs no equals sign")
  func negativeNumbers() throws {
    let result = try phaseflow(
      "run", "--gamma", "0.5", "--gamma-prime", "-0.3", "--width", "20", "--t-end", "1", "--json")
    #expect(result.exitCode == 0 && result.output.contains("-0.3"), "\(result.errors)")
    let refused = try phaseflow("run", "--rtol", "-1")
    #expect(refused.exitCode == 2 && refused.errors.contains("rtol"))
  }

  @Test("plugins lists every kind, also as JSON")
  func plugins() throws {
    let text = try phaseflow("plugins").output
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    for name in ["cvode-bdf", "leaky-relu", "exponential-margin", "condensation", "fashion-mnist"] {
      #expect(text.contains(name), "\(name)")
    }
    let json = try phaseflow("plugins", "--json").output
    #expect(try JSONSerialization.jsonObject(with: Data(json.utf8)) is [String: Any])
  }

  @Test(
    "help and version exit with 0",
    arguments: [["--help"], ["run", "--help"], ["--version"], ["help", "compare"]])
  func help(arguments: [String]) throws {
    let (process, output, _) = phaseflow.process(arguments)
    try process.run()
    #expect(!output.fileHandleForReading.readDataToEndOfFile().isEmpty)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func waitForCheckpoint(_ folder: String) {
    for _ in 0..<600 where !FileManager.default.fileExists(atPath: folder + "/r.part/checkpoint.json") {
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  private func time(_ summary: String) throws -> Double {
    let object = try JSONSerialization.jsonObject(with: Data(summary.utf8)) as? [String: Any]
    return try #require(object?["time"] as? Double)
  }
}

@Suite("The examples") struct ExampleTests {
  @Test(
    "run and check themselves",
    arguments: [
      "own-ode", "own-observer", "own-activation", "own-architecture", "own-dynamics",
      "lazy-limit", "lazy-vs-condensed",
      "decay-rate",
      "comparison",
    ])
  func run(name: String) throws {
    let result = try Program(name: "example-" + name)()
    #expect(result.exitCode == 0, "\(result.output) \(result.errors)")
    #expect(!result.output.isEmpty)
  }
}

@Suite("What cannot be written, and signals") struct OutputTests {
  let phaseflow = Program(name: "phaseflow")

  private func shell(_ command: String, in folder: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/bash")
    process.arguments = ["-c", command, phaseflow.url.path]
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }

  @Test(
    "a result that cannot be written is a failure, a message that cannot be is none",
    arguments: [
      ("\"$0\" run --width 10 --t-end 1 --json >/dev/full", Int32(1)),
      ("\"$0\" run --width 10 --t-end 1 >/dev/full", 1), ("\"$0\" plugins >/dev/full", 1),
      ("\"$0\" --help >/dev/full", 1), ("\"$0\" schema run >&-", 1),
      ("\"$0\" run --width 10 --t-end 1 2>/dev/full", 0), ("\"$0\" run --width 10 --t-end 1 2>&-", 0),
      ("\"$0\" run --gama 1 2>/dev/full", 2), ("\"$0\" run --width 0 2>&-", 2),
      ("{ sleep 0.3; \"$0\" plugins; } | true; exit ${PIPESTATUS[0]}", 1),
    ])
  func unwritable(command: String, expected: Int32) throws {
    #expect(try shell(command, in: "/tmp") == expected, "\(command)")
  }

  @Test(
    "a gnuplot that never comes back is left at the next signal; what was complete stays",
    arguments: ["HUP", "TERM"])
  func hangingGnuplot(signal: String) throws {
    try withTemporaryFolder { folder in
      let fake = folder + "/bin/gnuplot"
      try FileManager.default.createDirectory(atPath: folder + "/bin", withIntermediateDirectories: true)
      try "#!/bin/sh\nexec sleep 1000\n".write(toFile: fake, atomically: true, encoding: .utf8)
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
      let status = try shell(
        """
        PATH="$PWD/bin:$PATH" "$0" run --width 10 --t-end 1 --out r --quiet & p=$!
        for i in $(seq 500); do [ -f r/summary.json ] && break; sleep 0.02; done
        sleep 0.3; kill -\(signal) $p; wait $p
        """, in: folder)
      // The run itself had ended well.
      #expect(status == 0)
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/r")
      #expect(
        files.contains("summary.json") && files.contains("trajectory.csv") && !files.contains("run.lock"))
    }
  }
}
