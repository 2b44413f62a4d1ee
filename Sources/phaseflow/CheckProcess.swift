import ArgumentParser
import Foundation
import Studies

/// The process in which a library is tested: what it prints is passed on, and if it crashes or hangs there is a
/// sentence that says where.
struct CheckProcess {
  private static let mark = "\u{1}stage "
  /// The last stage: without it the process was left by the plug-in.
  static let done = "all of it"
  private let file: String
  private let patience: Double
  private let output = FileManager.default.temporaryDirectory.appending(
    path: "phaseflow-\(UUID().uuidString)")

  init(file: String, patience: Double) throws {
    guard patience > 0 else { throw UsageError("--patience is \(patience); it must be positive") }
    self.file = file
    self.patience = patience
  }

  /// Called inside: says what comes next.
  static func announce(_ stage: String) {
    fflush(nil)
    Console.say("\(mark)\(stage)")
  }

  func run() throws {
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: output) }
    let (out, err) = (output.appending(path: "out"), output.appending(path: "err"))
    for url in [out, err] { try Data().write(to: url) }
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["plugins", "check", "--inside", file]
    // Swift's own report of a crash would bury the sentence.
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    process.standardOutput = try FileHandle(forWritingTo: out)
    process.standardError = try FileHandle(forWritingTo: err)
    try process.run()
    let end = Date(timeIntervalSinceNow: patience)
    while process.isRunning, Date() < end { usleep(20_000) }
    let hangs = process.isRunning
    if hangs { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()

    try Console.show(String(decoding: try Data(contentsOf: out), as: UTF8.self), terminator: "")
    let lines = String(decoding: try Data(contentsOf: err), as: UTF8.self).split(separator: "\n")
    let stage = lines.last { $0.hasPrefix(Self.mark) }.map { $0.dropFirst(Self.mark.count) } ?? "starting"
    for line in lines where !line.hasPrefix(Self.mark) {
      Console.say(String(line))
    }
    if hangs {
      try Console.show("violation: it did not come back within \(patience) s; tested was: \(stage)")
      throw ExitCode(1)
    }
    if process.terminationReason == .uncaughtSignal {
      try Console.show("violation: it \(Self.meaning(process.terminationStatus)); tested was: \(stage)")
      throw ExitCode(1)
    }
    if stage != Self.done {
      try Console.show(
        "violation: it ended the process by exit(\(process.terminationStatus)); tested was: \(stage)")
      throw ExitCode(1)
    }
    if process.terminationStatus != 0 { throw ExitCode(process.terminationStatus) }
  }

  private static func meaning(_ signal: Int32) -> String {
    switch signal {
    case SIGSEGV, SIGBUS:
      "touched memory that it was not given (signal \(signal)): it read or wrote beyond the end of an array, or wrote to an input"
    case SIGILL, SIGTRAP: "stopped itself (signal \(signal)), as a failed precondition in Swift does"
    case SIGABRT: "called abort (signal \(signal)), as a failed assertion or an uncaught exception does"
    case SIGFPE: "divided by zero in whole numbers (signal \(signal))"
    default: "was ended by signal \(signal)"
    }
  }
}
