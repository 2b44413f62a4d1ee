import Foundation
import Testing

@Suite("phaseflow export") struct ExportTests {
  private let phaseflow = Program(name: "phaseflow")

  @Test("calls the format's program, keeps what it wrote only if it succeeds, and overwrites nothing")
  func formats() throws {
    try withTemporaryFolder { folder in
      let programs = folder + "/it's bin"
      try FileManager.default.createDirectory(atPath: programs, withIntermediateDirectories: true)
      func install(_ format: String, _ script: String) throws {
        let file = programs + "/phaseflow-export-" + format
        try "#!/bin/sh\n\(script)\n".write(toFile: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
      }
      try install("copy", #"cp "$1/trajectory.csv" "$2""#)
      try install("half", #"echo half >"$2"; exit 3"#)
      try install("nothing", "exit 0")
      _ = try phaseflow("run", "--width", "10", "--t-end", "1", "--out", "r", "--quiet", in: folder)
      func export(_ words: String...) throws -> Program.Result {
        let (process, output, errors) = phaseflow.process(["export"] + words, in: folder)
        process.environment = ProcessInfo.processInfo.environment.merging(
          ["PATH": programs + ":/usr/bin:/bin"]) { $1 }
        try process.run()
        let text = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        _ = output
        return Program.Result(
          exitCode: process.terminationStatus, output: "", errors: String(decoding: text, as: UTF8.self))
      }
      #expect(try export("r", "--format", "copy", "--out", "x.csv").exitCode == 0)
      func contents(_ name: String) -> Data? { FileManager.default.contents(atPath: folder + "/" + name) }
      #expect(contents("x.csv") != nil && contents("x.csv") == contents("r/trajectory.csv"))
      let cases: [([String], Int32, String)] = [
        (["r", "copy", "x.csv"], 2, "exists"), (["r", "half", "y"], 1, "status 3"),
        (["r", "nothing", "y"], 1, "wrote no file"),
        (["r", "copi", "y"], 2, "copy, half, nothing"),
        (["r", "../copy", "y"], 2, "no format"), (["nowhere", "copy", "y"], 2, "not the folder of a run"),
      ]
      for (words, code, text) in cases {
        let result = try export(words[0], "--format", words[1], "--out", words[2])
        #expect(result.exitCode == code && result.errors.contains(text), "\(words): \(result.errors)")
      }
      #expect(contents("y") == nil && contents("y.part") == nil)
    }
  }
}
