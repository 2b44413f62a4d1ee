import Foundation

/// What can fail when a file or a folder is written, one case for each kind of system call.
///
/// All writing of results and checkpoints goes through the functions here, so that a test can let the k-th of them fail,
/// for every k, and see what is left: as SQLite tests itself (sqlite.org/testing.html, section 3.2, "I/O error testing").
package enum FileCall: String, Sendable, CaseIterable {
  case create, open, write, flush, rename, remove, makeFolder, lock

  /// Decides which calls fail: `nil`, or the `errno` that the call ends with.
  package typealias Faults = (FileCall, _ path: String) -> Int32?

  /// In effect on the thread that calls it, while `body` lasts.
  package static func with<T>(_ faults: @escaping Faults, _ body: () throws -> T) rethrows -> T {
    try ThreadValue.faults.with(faults, body)
  }

  /// Sets `errno` and says so if this call is to fail.
  private func fails(_ path: String) -> Bool {
    guard let faults = ThreadValue.faults.value, let code = faults(self, path) else { return false }
    errno = code
    return true
  }

  /// open(2) of a new file; -1 with `errno`.
  static func create(_ path: String) -> Int32 {
    FileCall.create.fails(path) ? -1 : Foundation.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  }

  /// open(2) of an old one, to write to it.
  static func openToWrite(_ path: String) -> Int32 {
    FileCall.open.fails(path) ? -1 : Foundation.open(path, O_WRONLY | O_CLOEXEC)
  }

  /// write(2). One that is to fail writes half of the bytes before, as a disk does that fills up.
  static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, of path: String) -> Int {
    if FileCall.write.fails(path) {
      let code = errno
      _ = Foundation.write(descriptor, bytes.baseAddress, bytes.count / 2)
      errno = code
      return -1
    }
    return Foundation.write(descriptor, bytes.baseAddress, bytes.count)
  }

  /// fsync(2).
  static func flush(_ descriptor: Int32, of path: String) -> Int32 {
    FileCall.flush.fails(path) ? -1 : fsync(descriptor)
  }

  /// rename(2).
  static func rename(_ old: String, _ new: String) -> Int32 {
    FileCall.rename.fails(new) ? -1 : Foundation.rename(old, new)
  }

  /// unlink(2).
  static func unlink(_ path: String) -> Int32 { FileCall.remove.fails(path) ? -1 : Foundation.unlink(path) }

  /// Removes a file, or a folder with all in it.
  package static func remove(_ url: URL) throws {
    if FileCall.remove.fails(url.path) {
      throw AtomicFileError(path: url.path, action: "remove", code: errno)
    }
    try FileManager.default.removeItem(at: url)
  }

  /// Makes a folder, and those that it lies in.
  ///
  /// - Throws: ``AtomicFileError`` with the system's reason.
  package static func makeFolder(_ url: URL) throws {
    func failure(_ code: Int32) -> AtomicFileError {
      AtomicFileError(path: url.path, action: "create", code: code)
    }
    if FileCall.makeFolder.fails(url.path) { throw failure(errno) }
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    } catch let error as CocoaError {
      guard let reason = error.underlying as? POSIXError else { throw error }
      throw failure(reason.code.rawValue)
    }
  }

  /// `flock(2)` without waiting.
  package static func lock(_ descriptor: Int32, of path: String) -> Int32 {
    FileCall.lock.fails(path) ? -1 : flock(descriptor, LOCK_EX | LOCK_NB)
  }

  /// Whether the opening of a file that is to be locked is to fail.
  package static func failsToCreate(_ path: String) -> Bool { FileCall.create.fails(path) }
}
