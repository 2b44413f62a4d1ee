import Foundation
import Testing

@Suite("Systems and plug-in libraries on the command line") struct SystemCommandTests {
  let phaseflow = Program(name: "phaseflow")

  private func shell(_ command: String, in folder: String) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(command)")
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  /// `y` by component.
  private func components(_ summary: [String: Any]) throws -> [String: Double] {
    let names = try #require(summary["componentNames"] as? [String])
    let state = try #require(summary["state"] as? [Double])
    return Dictionary(uniqueKeysWithValues: zip(names, state))
  }

  @Test("Robertson's reaction at t = 1e11 is the IVP test set's")
  func robertson() throws {
    let result = try phaseflow(
      "run", "--system", "robertson", "--integrator", "cvode-bdf", "--rtol", "1e-9", "--atol", "1e-17",
      "--record", "endpoints", "--json")
    #expect(result.exitCode == 0, "\(result.errors)")
    let state = try components(object(result.output))
    // Mazzia and Magherini, Test Set for IVP Solvers (2008), problem ROBER.
    for (name, value) in [
      "y1": 0.2083340149701255e-7, "y2": 0.8333360770334713e-13, "y3": 0.9999999791665050,
    ] { #expect(abs(try #require(state[name]) / value - 1) < 1e-6, "\(name)") }
  }

  @Test("A library's own system: run, record, replay, compare, observers of its own template")
  func ownSystem() throws {
    try withTemporaryFolder { folder in
      #expect(
        try phaseflow("plugins", "new", "system", "prey", "--language", "c", "--out", "p", in: folder)
          .exitCode == 0)
      try shell("make -C p", in: folder)
      let run = try phaseflow("run", "--system", "p/prey.so:0.5", "--rtol", "1e-9", "--out", "r", in: folder)
      #expect(run.exitCode == 0, "\(run.errors)")
      let files = try FileManager.default.contentsOfDirectory(atPath: folder + "/r")
      for file in [
        "config.yaml", "summary.json", "trajectory.csv", "state-initial.npy", "state-final.npy",
        "trajectory.png", "orbit.png",
      ] { #expect(files.contains(file), "\(file)") }
      let rows = try String(contentsOfFile: folder + "/r/trajectory.csv", encoding: .utf8).split(
        separator: "\n")
      #expect(rows[0] == "time,prey,predators" && rows[1] == "0.0,2.0,1.0")
      let summary = try object(String(contentsOfFile: folder + "/r/summary.json", encoding: .utf8))
      let observers = try #require(summary["observers"] as? [String: [String: Double]])
      #expect(try #require(observers["invariants"]?["V"]) < 1e-6)
      #expect(try #require(summary["eventCount"] as? Int) >= 1)
      let again = try phaseflow("run", "r/config.yaml", "--json", in: folder)
      #expect(try object(again.output)["state"] as? [Double] == summary["state"] as? [Double])

      let compared = try phaseflow(
        "compare", "--system", "p/prey.so", "--integrators", "dormand-prince,cvode-adams,rk4", "--step",
        "0.05",
        "--rtols", "1e-4,1e-6", "--out", "c", "--json", "--quiet", in: folder)
      #expect(compared.exitCode == 0, "\(compared.errors)")
      let entries = try #require(object(compared.output)["entries"] as? [[String: Any]])
      #expect(entries.count == 6 && entries.allSatisfy { ($0["errorEnd"] as? Double ?? 1) < 1e-2 })
    }
  }

  @Test(
    "Flags that do not fit a system are refused with exit code 2",
    arguments: [
      (["--system", "lorenz", "--gamma", "1"], "gamma belongs to a network"),
      (["--system", "lorens"], "lorenz"), (["--system", "none.so"], "no such file"),
      (["--system", "lorenz(rho: many)"], "a number"),
      (["--system", "lorenz", "--step", "0.1"], "its steps itself"),
      (["--system", "lorenz", "--observe", "energy"], "it watches networks"),
    ])
  func refusals(arguments: [String], expected: String) throws {
    let (process, _, errors) = phaseflow.process(["run"] + arguments)
    try process.run()
    let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 2 && text.contains(expected), "\(text)")
  }

  @Test("An interrupted run of a system goes on and ends with the same bits")
  func resumes() throws {
    try withTemporaryFolder { folder in
      // A second or two of work; the signal falls into it.
      let arguments = [
        "run", "--system", "lorenz", "--t-end", "20000", "--record", "linear:1000", "--rtol", "1e-6",
      ]
      let (process, _, _) = phaseflow.process(arguments + ["--out", "r", "--quiet"], in: folder)
      try process.run()
      for _ in 0..<500 where !FileManager.default.fileExists(atPath: folder + "/r.part/config.yaml") {
        usleep(10_000)
      }
      usleep(100_000)
      process.interrupt()
      process.waitUntilExit()
      try #require(process.terminationStatus == 130)
      let resumed = try phaseflow("run", "--resume", "r", "--json", "--quiet", in: folder)
      #expect(resumed.exitCode == 0, "\(resumed.errors)")
      let (whole, output, _) = phaseflow.process(arguments + ["--json", "--quiet"], in: folder)
      try whole.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      whole.waitUntilExit()
      #expect(
        try object(resumed.output)["state"] as? [Double] == object(text)["state"] as? [Double]
      )
    }
  }

  @Test(
    "plugins check finds what a plug-in does wrong, a crash too, in a sentence",
    arguments: [
      ("value[count] = 0;", "touched memory that it was not given"),
      ("value[-1] = 0;", "before the beginning"),
      ("((double *)z)[0] = 0;", "touched memory"), ("abort();", "called abort"),
      ("exit(0);", "it ended the process by exit(0)"),
      ("value[0] = NAN;", "activation 'bad'"),
      ("derivative[0] += 0.5;", "activation 'bad'"),
    ])
  func misbehaviour(statement: String, expected: String) throws {
    try withTemporaryFolder { folder in
      _ = try phaseflow("plugins", "new", "activation", "bad", "--language", "c", "--out", "p", in: folder)
      let file = folder + "/p/bad.c"
      let source = try String(contentsOfFile: file, encoding: .utf8)
      try source.replacing(
        "    derivative[i] = s + b * z[i] * s * (1 - s);\n  }\n",
        with: "    derivative[i] = s + b * z[i] * s * (1 - s);\n  }\n  \(statement)\n"
      ).write(toFile: file, atomically: true, encoding: .utf8)
      try shell("make -C p", in: folder)
      let result = try phaseflow("plugins", "check", "p/bad.so", in: folder)
      #expect(result.exitCode == 1 && result.output.contains(expected), "\(result.output) \(result.errors)")
    }
  }

  @Test("A plug-in that crashes a run ends it with a sentence and exit code 1")
  func crashInRun() throws {
    try withTemporaryFolder { folder in
      _ = try phaseflow("plugins", "new", "activation", "bad", "--language", "c", "--out", "p", in: folder)
      try shell("sed -i 's/  const double b = /  abort(); &/' p/bad.c && make -C p", in: folder)
      let run = try phaseflow(
        "run", "--plugin", "p/bad.so", "--activation", "bad", "--width", "20", "--t-end", "1", in: folder)
      #expect(run.exitCode == 1 && run.errors.contains("phaseflow plugins check p/bad.so"), "\(run.errors)")
    }
  }

  @Test("A sound library is called sound, an integrator that lies about its order is not")
  func order() throws {
    try withTemporaryFolder { folder in
      _ = try phaseflow("plugins", "new", "integrator", "m", "--language", "c", "--out", "p", in: folder)
      try shell("make -C p", in: folder)
      let sound = try phaseflow("plugins", "check", "p/m.so", in: folder)
      #expect(sound.exitCode == 0 && sound.output.hasSuffix("sound\n"), "\(sound.output)")
      try shell("sed -i 's/.order = 2,/.order = 4,/' p/m.c && make -C p", in: folder)
      let liar = try phaseflow("plugins", "check", "p/m.so", in: folder)
      #expect(liar.exitCode == 1 && liar.output.contains("it claims order 4, measured is"), "\(liar.output)")
      // A run-time method serves networks and systems alike.
      for problem in [
        ["--width", "20", "--gamma", "0.5", "--t-end", "1"], ["--system", "lorenz", "--t-end", "1"],
      ] {
        let (process, output, errors) = phaseflow.process(
          ["run", "--plugin", "p/m.so", "--integrator", "m", "--quiet", "--json"] + problem, in: folder)
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let complaint = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0 && text.contains("\"integrator\" : \"m\""), "\(complaint)")
      }
    }
  }

  @Test("The Swift template: make, check, run, and nothing of PhaseFlow is needed from outside")
  func swiftPackage() throws {
    try withTemporaryFolder { folder in
      _ = try phaseflow(
        "plugins", "new", "observer", "my-own", "--language", "swift", "--out", "p", in: folder)
      try shell("make -C p", in: folder)
      let check = try phaseflow("plugins", "check", "p/my-own.so", in: folder)
      #expect(check.exitCode == 0 && check.output.hasSuffix("sound\n"), "\(check.output) \(check.errors)")
      let run = try phaseflow(
        "run", "--plugin", "p/my-own.so", "--observe", "my-own", "--width", "20", "--gamma", "0.5", "--t-end",
        "1",
        "--json", "--quiet", in: folder)
      let observers = try #require(object(run.output)["observers"] as? [String: [String: Double]])
      #expect(try #require(observers["my-own"]?["meanAmplitude"]) > 0)
      // Swift's own libraries are inside, and only the entry is seen from outside.
      try shell("make -C p standalone && ! ldd p/my-own.so | grep swift", in: folder)
      let standalone = try phaseflow("plugins", "check", "p/my-own.so", in: folder)
      #expect(standalone.output.hasSuffix("sound\n"), "\(standalone.output) \(standalone.errors)")
    }
  }

  @Test("The example in Fortran is sound, where there is a compiler for it")
  func fortran() throws {
    try withTemporaryFolder { folder in
      let example = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../Examples/Fortran")
      try shell("cp '\(example.path)'/* . && make", in: folder)
      // Its Makefile says that it was skipped.
      guard FileManager.default.fileExists(atPath: folder + "/rossler.so") else { return }
      let check = try phaseflow("plugins", "check", "rossler.so", in: folder)
      #expect(
        check.exitCode == 0 && check.output.contains("rossler(a: 0.2, b: 0.2, c: 5.7)"), "\(check.output)")
    }
  }
}
