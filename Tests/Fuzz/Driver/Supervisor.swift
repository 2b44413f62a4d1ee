#if !LIBFUZZER
  import Foundation
  import FuzzTargets

  /// Lets workers run cases, takes down what broke them, and goes on.
  struct Supervisor {
    var seconds = 60.0
    var seed: UInt64 = 1
    var cases = UInt64.max
    var targets = FuzzTarget.all
    var findings = URL(filePath: ".build-fuzz/findings", directoryHint: .isDirectory)

    /// Returns whether nothing was found.
    func run() throws -> Bool {
      try FileManager.default.createDirectory(at: findings, withIntermediateDirectories: true)
      var total: UInt64 = 0
      var found = 0
      for target in targets {
        let path = findings.appending(path: "\(target.name).report").path
        try? FileManager.default.removeItem(atPath: path)
        let report = Report.mapped(path)
        let end = ContinuousClock.now + .seconds(seconds / Double(targets.count))
        var broken = 0
        while ContinuousClock.now < end, report.pointee.current < cases {
          let left = (end - ContinuousClock.now) / .seconds(1)
          let result = try launch([
            "--worker", target.name, "\(seed)", "\(left)", "\(cases - report.pointee.current)", path,
          ])
          if result.code == 0 { break }
          try keep(target, report.pointee.current, result)
          broken += 1
          report.pointee.current += 1
        }
        let counts = report.pointee
        print(
          "\(target.name): \(counts.current) cases, \(counts.accepted) accepted, \(counts.refused) refused, \(broken) broke it"
        )
        total += counts.current
        found += broken
      }
      print("\(total) cases of seed \(seed), \(found) findings" + (found > 0 ? " in \(findings.path)" : ""))
      return found == 0
    }

    private func keep(_ target: FuzzTarget, _ number: UInt64, _ result: (code: Int32, text: String)) throws {
      let input = try Corpus(target).input(seed: seed, number: number)
      let file = findings.appending(path: "\(target.name)-\(seed)-\(number)")
      try Data(input).write(to: file)
      let smaller = try minimised(input, target)
      try Data(smaller).write(to: file.appendingPathExtension("min"))
      let line = result.text.split(separator: "\n").first { $0.contains(":") } ?? ""
      print(
        "\(target.name): case \(number) ends with \(result.code): \(line.prefix(300)); \(smaller.count) bytes in \(file.path).min"
      )
      fflush(nil)
    }

    /// Leaves out parts, ever smaller ones, as long as what is left breaks the target, too.
    private func minimised(_ input: [UInt8], _ target: FuzzTarget) throws -> [UInt8] {
      let file = findings.appending(path: "\(target.name).candidate")
      defer { try? FileManager.default.removeItem(at: file) }
      var best = input
      var tries = 60
      func breaks(_ candidate: [UInt8]) throws -> Bool {
        tries -= 1
        try Data(candidate).write(to: file)
        return try launch(["--one", target.name, file.path]).code != 0
      }
      guard try breaks(input) else { return input }
      var size = max(1, best.count / 2)
      while size >= 1, tries > 0 {
        var place = 0
        while place < best.count, tries > 0 {
          let candidate = Array(best[..<place] + best[min(best.count, place + size)...])
          if try breaks(candidate) { best = candidate } else { place += size }
        }
        size /= 2
      }
      return best
    }

    /// This program again, with other arguments; its exit code, or minus the signal, and what it said.
    private func launch(_ arguments: [String]) throws -> (code: Int32, text: String) {
      let process = Process()
      process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      process.arguments = arguments
      process.environment = ProcessInfo.processInfo.environment.merging(
        ["SWIFT_BACKTRACE": "enable=no", "OPENBLAS_NUM_THREADS": "1"]) { $1 }
      let log = findings.appending(path: "worker.log")
      FileManager.default.createFile(atPath: log.path, contents: nil)
      let output = try FileHandle(forWritingTo: log)
      process.standardError = output
      process.standardOutput = output
      try process.run()
      process.waitUntilExit()
      try output.close()
      let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
      return (
        process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus, text
      )
    }
  }
#endif
