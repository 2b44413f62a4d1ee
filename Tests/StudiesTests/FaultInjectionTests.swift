import BuiltinPlugins
import Figures
import Files
import Foundation
import ODECore
import Studies
import Testing

/// Every call that writes fails once, and once for good: afterwards the run can be resumed to the bytes of an unbroken one,
/// or nothing of it is there.
@Suite("A file call that fails") struct FaultInjectionTests {
  @Test("in a run leaves what can be resumed to the same bytes, or nothing", arguments: [false, true])
  func run(sticks: Bool) throws {
    let whole = try finished()
    var outcomes = Tally()
    for k in 1... {
      let isOver = try withMemoryFolder { root in
        let out = root + "/r"
        let faults = Countdown(k, sticks: sticks)
        let error = failure { try attempt(faults) { try start(out) } }
        if !faults.hasFired { return true }
        try settle(root, out, error, whole, &outcomes, "call \(k), \(faults.last)")
        return false
      }
      if isOver { break }
    }
    // Three checkpoints alone make some forty calls.
    #expect(outcomes.all > 40 && outcomes.resumed > 20 && outcomes.complete > 0, "\(outcomes)")
  }

  @Test("in a run that is being resumed leaves what can be resumed again", arguments: [false, true])
  func resumption(sticks: Bool) throws {
    let whole = try finished()
    var outcomes = Tally()
    for k in 1... {
      let isOver = try withMemoryFolder { root in
        let out = root + "/r"
        try interrupted(out)
        let faults = Countdown(k, sticks: sticks)
        let error = failure { try attempt(faults) { try resume(out) } }
        if !faults.hasFired { return true }
        try settle(root, out, error, whole, &outcomes, "call \(k), \(faults.last)")
        // A run that was interrupted is never lost.
        #expect(outcomes.gone == 0, "call \(k), \(faults.last)")
        return false
      }
      if isOver { break }
    }
    #expect(outcomes.all > 30, "\(outcomes)")
  }

  // MARK: What is done

  private struct Tally {
    var (complete, resumed, gone) = (0, 0, 0)
    var all: Int { complete + resumed + gone }
  }

  /// Looks at what is left, and brings it to its end without faults.
  private func settle(
    _ root: String, _ out: String, _ error: (any Error)?, _ whole: [String: Data], _ outcomes: inout Tally,
    _ place: String
  ) throws {
    if let error { #expect(!"\(error)".isEmpty, "\(place)") }
    let isThere = FileManager.default.fileExists(atPath: out)
    let isPart = FileManager.default.fileExists(atPath: out + ".part")
    if isThere, OutputFolder.isComplete(out) {
      outcomes.complete += 1
    } else if isThere || isPart {
      let failed = failure { try quietly { try resume(out) } }
      if let failed {
        // Only a folder that holds nothing yet may be beyond resumption, and the message says what to do.
        #expect("\(failed)".contains("config.yaml"), "\(place): \(failed)")
        try FileManager.default.removeItem(atPath: out + ".part")
        try quietly { try start(out) }
        outcomes.gone += 1
      } else {
        outcomes.resumed += 1
      }
    } else {
      #expect(error != nil, "\(place): no folder, no error")
      try quietly { try start(out) }
      outcomes.gone += 1
    }
    let found = try results(out)
    for (name, data) in whole { #expect(found[name] == data, "\(place): \(name)") }
    #expect(!FileManager.default.fileExists(atPath: out + ".part"), "\(place)")
    let strays = try FileManager.default.contentsOfDirectory(atPath: out).filter {
      $0.hasPrefix(".") || $0.hasPrefix("checkpoint")
    }
    // A file that could not be removed means nothing to anybody once checkpoint.json is gone.
    #expect(strays.isEmpty || place.contains("remove of"), "\(place): \(strays)")
  }

  private static let yaml =
    "width: 30\ngamma: 1\nt-end: 30\nrtol: 0.01\natol: 1e-05\nrecord: geometric:3\nseed: 2\n"

  private func hooks(endAfter steps: Int? = nil) -> RunHooks {
    var hooks = RunHooks()
    hooks.checkpointInterval = .zero
    if let steps {
      let cancellation = Cancellation()
      hooks.cancellation = cancellation
      hooks.progressInterval = .zero
      hooks.progress = { if $0.steps >= steps { cancellation.cancel() } }
    }
    return hooks
  }

  private func start(_ out: String, endAfter steps: Int? = nil) throws {
    _ = try Run(RunConfiguration(yaml: Self.yaml), BuiltinPlugins.catalog(), out: out).run(
      hooks(endAfter: steps))
  }

  private func resume(_ out: String) throws {
    _ = try Run(resuming: out) { _ in try BuiltinPlugins.catalog() }.run(hooks())
  }

  private func interrupted(_ out: String) throws { try quietly { try start(out, endAfter: 2) } }

  private func finished() throws -> [String: Data] {
    try withMemoryFolder { root in
      try quietly { try start(root + "/r") }
      return try results(root + "/r")
    }
  }

  private func attempt(_ faults: Countdown, _ body: () throws -> Void) throws {
    try FileCall.with({ faults.code($0, $1) }) { try quietly(body) }
  }

  private func quietly(_ body: () throws -> Void) rethrows {
    try Drawing.skipped(body)
  }

  private func failure(_ body: () throws -> Void) -> (any Error)? {
    do {
      try body()
      return nil
    } catch { return error }
  }

  /// The files that a run gives, without the seconds that it took and the date.
  private func results(_ out: String) throws -> [String: Data] {
    var results: [String: Data] = [:]
    for name in ["config.yaml", "trajectory.csv", "neurons-initial.npy", "neurons-final.npy", "summary.json"]
    {
      let data = try Data(contentsOf: URL(filePath: out + "/" + name))
      let text = String(decoding: data, as: UTF8.self)
      results[name] =
        name == "summary.json"
        ? Data(
          text.split(separator: "\n").filter { !$0.contains("wallSeconds") && !$0.contains("\"date\"") }
            .joined(separator: "\n").utf8)
        : data
    }
    return results
  }

  /// A folder that costs no disk, where there is such a place.
  private func withMemoryFolder<T>(_ body: (String) throws -> T) throws -> T {
    let place = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = "\(place)/faults-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
  }
}

/// Lets call number `k` fail, and, if it `sticks`, all after it: full disks alternate with broken ones.
private final class Countdown: @unchecked Sendable {
  private let lock = NSLock()
  private let k: Int
  private let sticks: Bool
  private var count = 0
  private var failed = ""

  init(_ k: Int, sticks: Bool) { (self.k, self.sticks) = (k, sticks) }

  var hasFired: Bool { lock.withLock { count >= k } }
  /// The call that failed first.
  var last: String { lock.withLock { failed } }

  func code(_ call: FileCall, _ path: String) -> Int32? {
    lock.withLock {
      count += 1
      guard count == k || sticks && count > k else { return nil }
      if count == k { failed = "\(call.rawValue) of \(URL(filePath: path).lastPathComponent)" }
      return k % 2 == 0 ? ENOSPC : EIO
    }
  }
}
