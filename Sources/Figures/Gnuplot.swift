import Files
import Dispatch
import Foundation
import Synchronization

/// The gnuplot program.
struct Gnuplot {
  let executable: String
  /// A script that takes longer is given up: the largest of ours take seconds.
  static let patience = 120.0

  /// The first executable `gnuplot` in the folders of `path`.
  ///
  /// - Throws: ``FigureError/gnuplotMissing(searched:)``.
  init(path: String) throws {
    let folders = path.split(separator: ":").map(String.init)
    guard
      let found = folders.map({ $0 + "/gnuplot" }).first(where: {
        FileManager.default.isExecutableFile(atPath: $0)
      })
    else { throw FigureError.gnuplotMissing(searched: folders) }
    executable = found
  }

  /// Runs `script` in `folder`, without the user's own settings.
  ///
  /// - Returns: its warnings.
  /// - Throws: ``FigureError/gnuplotFailed(script:status:message:)``.
  @discardableResult
  func run(_ script: String, in folder: URL) throws -> String {
    if Drawing.isCancelled { throw FigureError.cancelled }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = ["-d", script]
    process.currentDirectoryURL = folder
    var environment = ProcessInfo.processInfo.environment
    // Decimal points, and no window system or terminal of the user's.
    environment["LC_ALL"] = "C.UTF-8"
    environment["GNUTERM"] = nil
    environment["DISPLAY"] = nil
    process.environment = environment
    let pipe = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = pipe
    do {
      try process.run()
    } catch {
      throw FigureError.fileSystem(
        action: "start", path: executable, reason: String(describing: error))
    }
    // A reader of its own: neither a full pipe nor a child that outlives gnuplot can hold us.
    let collected = Mutex(Data())
    let isRead = DispatchSemaphore(value: 0)
    let handle = pipe.fileHandleForReading
    handle.readabilityHandler = { reading in
      let data = reading.availableData
      if data.isEmpty {
        reading.readabilityHandler = nil
        isRead.signal()
      } else {
        collected.withLock { $0 += data }
      }
    }
    let began = ContinuousClock.now
    var pause: UInt32 = 500
    while process.isRunning {
      if Drawing.isCancelled {
        kill(process.processIdentifier, SIGKILL)
        throw FigureError.cancelled
      }
      if ContinuousClock.now - began > .seconds(Self.patience) {
        kill(process.processIdentifier, SIGKILL)
        throw FigureError.gnuplotHangs(script: script, seconds: Self.patience)
      }
      usleep(pause)
      pause = min(20_000, 2 * pause)
    }
    process.waitUntilExit()
    // What it wrote last may still have to be read; a child of its own may keep the pipe open.
    _ = isRead.wait(timeout: .now() + 1)
    handle.readabilityHandler = nil
    let output = collected.withLock { $0 }
    let message = String(decoding: output, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw FigureError.gnuplotFailed(
        script: script, status: process.terminationStatus, message: message)
    }
    return message
  }
}

/// Whether pictures are still wanted in this process.
public enum Drawing {
  private static let flag = Atomic<Bool>(false)

  /// No picture is begun any more, and the one that is being drawn is given up; may be called from a signal's handler.
  public static func cancel() { flag.store(true, ordering: .relaxed) }

  /// Gives up what `body` draws on this thread once `isCancelled` says so, which is asked some fifty times a second: the drawing
  /// then throws ``FigureError/cancelled``.
  public static func cancelled<T>(when isCancelled: @escaping () -> Bool, _ body: () throws -> T) rethrows
    -> T
  {
    try ThreadValue.isGivenUp.with(isCancelled, body)
  }

  static var isCancelled: Bool { flag.load(ordering: .relaxed) || ThreadValue.isGivenUp.value?() == true }

  /// Only data and scripts are written on this thread while `body` lasts, for tests of everything else.
  package static func skipped<T>(_ body: () throws -> T) rethrows -> T {
    try ThreadValue.isSkipped.with(true, body)
  }

  static var isSkipped: Bool { ThreadValue.isSkipped.value == true }
}

extension ThreadValue where Value == () -> Bool {
  fileprivate static var isGivenUp: Self { Self("drawing") }
}
