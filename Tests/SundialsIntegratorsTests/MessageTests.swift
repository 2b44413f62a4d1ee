import CSundials
import Foundation
import Logging
import ODECore
import SundialsIntegrators
import Synchronization
import Testing

/// Keeps what is logged.
private final class Journal: Sendable {
  struct Entry {
    let level: Logger.Level
    let text: String
  }

  private let record = Mutex<[Entry]>([])
  var entries: [Entry] { record.withLock { $0 } }

  var logger: Logger {
    var logger = Logger(label: "test") { _ in Handler(journal: self) }
    logger.logLevel = .trace
    return logger
  }

  struct Handler: LogHandler {
    let journal: Journal
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.trace
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }
    func log(event: LogEvent) {
      journal.record.withLock { $0.append(Entry(level: event.level, text: "\(event.message)")) }
    }
  }
}

@Suite("CVODE speaks through the logger only", .serialized)
struct MessageTests {
  /// `y' = y^2` runs into its singularity: ten warnings that `t + h = t`, and then an end.
  private func blowUp(_ logger: Logger) throws -> Solution {
    let system = ClosureSystem(dimension: 1) { _, y, dy in dy[0] = y[0] * y[0] }
    return try integrate(
      ODEProblem(system, to: 2, initialState: [1]), with: CVODEBDF(rtol: 1e-3, logger: logger))
  }

  /// `J v` with the wrong sign: Newton's iteration cannot converge.
  private struct Wrong: DenseJacobianProviding {
    let dimension = 1
    func derivative(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) {
      dy[0] = -1e6 * (y[0] - cos(t))
    }
    func jacobian(_ t: Double, _ y: Span<Double>, into j: inout MutableSpan<Double>) { j[0] = 1e9 }
  }

  private func fail(_ logger: Logger) throws -> Solution {
    try integrate(
      ODEProblem(Wrong(), to: 1, initialState: [0]),
      with: CVODEBDF(initialStep: 0.1, logger: logger))
  }

  @Test("Warnings are logged as warnings, words on a failure as debug and in its message")
  func levels() throws {
    let journal = Journal()
    let failed = try fail(journal.logger)
    #expect(failed.returnCode == .initialFailure)
    #expect(failed.message.contains("CV_CONV_FAILURE"), "\(failed.message)")
    #expect(failed.message.contains("CVODE says"))
    #expect(journal.entries.contains { $0.level == .debug })
    #expect(!journal.entries.contains { $0.level >= .warning })

    let warned = Journal()
    _ = try blowUp(warned.logger)
    let warnings = warned.entries.filter { $0.level == .warning }
    // CVODE itself stops after ten and says so; a log needs one.
    #expect(warnings.count == 1)
    #expect(warnings.allSatisfy { $0.text.contains("CVode") })
    #expect(warned.entries.filter { $0.level == .debug && $0.text.contains("t + h = t") }.count >= 9)
  }

  @Test("A step that the caller's own error ends is not commented on")
  func silenceOnAbort() throws {
    struct Mine: Error {}
    let journal = Journal()
    let system = ClosureSystem(dimension: 1) { t, _, _ in if t > 0 { throw Mine() } }
    #expect(throws: Mine.self) {
      _ = try integrate(
        ODEProblem(system, to: 1, initialState: [0]), with: CVODEBDF(logger: journal.logger))
    }
    #expect(journal.entries.isEmpty)
  }

  @Test("Nothing is written to standard error by CVODE")
  func standardError() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "stderr-\(getpid())")
    defer { try? FileManager.default.removeItem(at: file) }
    let saved = dup(2)
    let captured = open(file.path, O_CREAT | O_TRUNC | O_RDWR, 0o600)
    try #require(saved >= 0 && captured >= 0)
    dup2(captured, 2)
    let journal = Journal()
    let outcome = Result {
      _ = try blowUp(journal.logger)
      _ = try fail(journal.logger)
    }
    dup2(saved, 2)
    close(saved)
    close(captured)
    try outcome.get()
    // Other tests run meanwhile: theirs is passed on, CVODE's begins with its tag.
    let text = try String(contentsOf: file, encoding: .utf8)
    FileHandle.standardError.write(Data(text.utf8))
    #expect(!text.contains("[CVODE"))
    #expect(!text.contains("[CVLS"))
    #expect(!journal.entries.isEmpty, "it did have something to say")
  }

  @Test("The finite check finds every NaN and infinity, and nothing else")
  func finiteCheck() {
    for count in [0, 1, 3, 8, 64, 1001] {
      var x = (0..<count).map { $0 % 2 == 0 ? Double($0) : -Double.greatestFiniteMagnitude }
      #expect(csundials_all_finite(x, Int64(count)))
      for i in 0..<count {
        for bad in [Double.nan, .infinity, -.infinity] {
          let good = x[i]
          x[i] = bad
          #expect(!csundials_all_finite(x, Int64(count)))
          x[i] = good
        }
      }
    }
  }
}
