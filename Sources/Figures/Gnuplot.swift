import Foundation

/// The gnuplot program.
struct Gnuplot {
  let executable: String

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
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let message = String(decoding: output, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    guard process.terminationReason == .exit, process.terminationStatus == 0 else {
      throw FigureError.gnuplotFailed(
        script: script, status: process.terminationStatus, message: message)
    }
    return message
  }
}
