import Files
import Foundation

/// Keeps a folder to one process: a file `run.lock` in it, locked by flock(2), with the process's id as its text.
///
/// The system releases the lock when the process ends, however it ends. The folder may be renamed meanwhile.
final class FolderLock {
  static let name = "run.lock"

  private let folder: Int32
  private let file: Int32

  /// - Throws: ``UsageError`` with the holder's id if another process has the lock, or if `url` cannot be written to.
  init(_ url: URL) throws {
    folder = open(url.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    var file: Int32
    var information = stat()
    repeat {
      file =
        folder < 0 || FileCall.failsToCreate(url.path)
        ? -1 : openat(folder, Self.name, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
      guard file >= 0 else {
        let reason = String(cString: strerror(errno))
        if folder >= 0 { close(folder) }
        throw UsageError("cannot write in the folder '\(url.path)': \(reason)")
      }
      // Any other error: this file system knows no locks, and a run must not fail for that.
      if FileCall.lock(file, of: url.path) != 0, errno == EWOULDBLOCK {
        let holder = Self.text(of: file)
        close(file)
        close(folder)
        throw UsageError(
          "the run in '\(url.path)' is still running, as process \(holder); wait for it, or end it with "
            + "'kill \(holder)' and resume it then")
      }
      fstat(file, &information)
      // The holder may have removed the file between our opening and locking it: then it guards nothing.
      if information.st_nlink == 0 { close(file) }
    } while information.st_nlink == 0
    self.file = file
    ftruncate(file, 0)
    let id = "\(getpid())\n"
    pwrite(file, id, id.utf8.count, 0)
  }

  deinit {
    unlinkat(folder, Self.name, 0)
    close(file)
    close(folder)
  }

  private static func text(of file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 32)
    let count = pread(file, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
