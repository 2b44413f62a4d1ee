import Foundation

/// A file that is written whole once, atomically, and only added to from then on: what it held at any
/// ``flush(_:)`` it holds ever after, and all additions together cost no more than the file is long.
package struct GrowingFile {
  private let url: URL
  private var length = 0
  private var exists = false

  package init(_ url: URL) { self.url = url }

  /// Adds `data` and flushes it to the disk. The first time it replaces what may be there.
  ///
  /// - Throws: ``AtomicFileError``. What was there stays; the next addition takes the place of a part that may
  ///   follow it.
  package mutating func flush(_ data: Data) throws {
    if exists {
      let descriptor = FileCall.openToWrite(url.path)
      guard descriptor >= 0 else { throw AtomicFileError(path: url.path, action: "write", code: errno) }
      defer { close(descriptor) }
      guard lseek(descriptor, off_t(length), SEEK_SET) == length else {
        throw AtomicFileError(path: url.path, action: "write", code: errno)
      }
      try AtomicFile.write(data, to: descriptor, of: url)
    } else {
      try AtomicFile.write(data, to: url)
    }
    exists = true
    length += data.count
  }
}
