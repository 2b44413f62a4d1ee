import Foundation
import Testing

/// Inputs that once crashed the program, or hung it: each is refused with a sentence, and nothing is written.
@Suite("Bad input") struct BadInputTests {
  let phaseflow = Program(name: "phaseflow")

  /// What stands on the command line, and a word of what the program says.
  static let runs: [(arguments: [String], word: String)] = [
    (["--checkpoint-interval", "1e300"], "--checkpoint-interval"),
    (["--record", "linear:1e-300"], "rows"),
    (["--width", "9223372036854775807"], "memory"),
    (["--data", "/dev/zero"], "device"),
    (["/dev/zero"], "device"),
    (["--initial-state", "/dev/zero"], "device"),
    (["--data", "pipe"], "pipe"),
    (["pipe"], "pipe"),
    (["--initial-state", "pipe"], "pipe"),
    (["--data", "idx:images,labels"], "labels"),
    (["--data", "idx:huge,labels"], "truncated"),
    (["--max-step", "nan"], "max-step"),
  ]

  @Test("of a run is refused", arguments: runs.indices)
  func run(i: Int) throws {
    try withInputs { folder in
      let (arguments, word) = Self.runs[i]
      let result = try phaseflow.run(["run", "--out", "r"] + arguments, in: folder)
      #expect(result.exitCode == 2 && result.errors.contains(word), "\(arguments): \(result)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/r.part"))
      #expect(!FileManager.default.fileExists(atPath: folder + "/r"))
    }
  }

  static let sweeps: [(yaml: String, word: String)] = [
    ("base: {seed: 18446744073709551615}\naxes: {gamma: 1, gamma-prime: 0, width: 10}", "seed"),
    (
      "base: {asi: true}\naxes: {gamma: 1, gamma-prime: 0, width: 9223372036854775807}\nasi-width: copy",
      "width"
    ),
    ("axes: {gamma: {from: 0, to: 1, count: 2000000000}, gamma-prime: 0, width: 10}", "count"),
    (
      "axes: {gamma: {from: 0, to: 1, count: 1000000}, gamma-prime: {from: 0, to: 1, count: 1000000}, width: {from: 1, to: 1000000, count: 1000000}}",
      "runs"
    ),
    ("base: {t-end: .nan}\naxes: {gamma: 1, gamma-prime: 0, width: 10, activation: [relu, tanh]}", "t-end"),
  ]

  @Test("of a sweep is refused", arguments: sweeps.indices)
  func sweep(i: Int) throws {
    try withInputs { folder in
      let (yaml, word) = Self.sweeps[i]
      try yaml.write(toFile: folder + "/s.yaml", atomically: true, encoding: .utf8)
      let result = try phaseflow("sweep", "s.yaml", "--out", "s", in: folder)
      #expect(result.exitCode == 2 && result.errors.contains(word), "\(result)")
      #expect(!FileManager.default.fileExists(atPath: folder + "/s"))
    }
  }

  @Test("a thousand million workers are too many")
  func workers() throws {
    try withInputs { folder in
      let result = try phaseflow(
        "sweep", "figure-3", "--quick", "--out", "s", "--workers", "1000000000", in: folder)
      #expect(result.exitCode == 2 && result.errors.contains("--workers"), "\(result)")
    }
  }

  @Test("the shortest end that a double can be is one, and its pictures have axes")
  func shortest() throws {
    try withInputs { folder in
      let result = try phaseflow(
        "run", "--t-end", "5e-324", "--width", "4", "--out", "r", "--quiet", in: folder)
      #expect(result.exitCode == 0, "\(result)")
    }
  }

  @Test("a short row in trajectory.csv is found by plot, and by a resumption")
  func shortRow() throws {
    try withInputs { folder in
      _ = try phaseflow("run", "--t-end", "1", "--width", "4", "--out", "r", "--quiet", in: folder)
      let file = folder + "/r/trajectory.csv"
      let text = try String(contentsOfFile: file, encoding: .utf8)
      try (text + "1,2\n").write(toFile: file, atomically: true, encoding: .utf8)
      let result = try phaseflow("plot", "r", in: folder)
      #expect(result.exitCode == 2 && result.errors.contains("fields"), "\(result)")
    }
  }

  /// A pipe, an IDX file that claims 2^32 images, and one that claims images of 2^47 bytes.
  private func withInputs(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      mkfifo(folder + "/pipe", 0o600)
      func write(_ bytes: [UInt8], _ name: String) throws {
        try Data(bytes).write(to: URL(filePath: folder + "/" + name))
      }
      try write([0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 16, 0, 0, 0, 16], "images")
      try write([0, 0, 8, 3, 0, 0, 0, 1, 0, 127, 255, 255, 0, 255, 255, 255], "huge")
      try write([0, 0, 8, 1, 0, 0, 0, 1, 3], "labels")
      try body(folder)
    }
  }
}
