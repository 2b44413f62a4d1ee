import Foundation

/// Files that are either whole or absent.
public enum AtomicFile {
  /// Reads a whole file.
  ///
  /// - Throws: ``AtomicFileError`` with the system's own reason, a folder included.
  public static func read(_ url: URL) throws -> Data {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw AtomicFileError(path: url.path, action: "read", code: errno) }
    defer { close(descriptor) }
    var data = Data()
    var block = [UInt8](repeating: 0, count: 1 << 20)
    while true {
      let count = Foundation.read(descriptor, &block, block.count)
      if count == 0 { return data }
      if count > 0 {
        data.append(contentsOf: block[..<count])
      } else if errno != EINTR {
        throw AtomicFileError(path: url.path, action: "read", code: errno)
      }
    }
  }

  /// Writes `data` to a new file beside `url`, flushes it to the disk and renames it to `url`: whoever reads
  /// `url` sees the old contents or the new, even if the process or the machine stops in between.
  ///
  /// - Throws: ``AtomicFileError``; nothing is left behind then, and an old file stays as it was.
  public static func write(_ data: Data, to url: URL) throws {
    let temporary = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).\(UUID().uuidString).tmp")
    let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_EXCL, 0o666)
    guard descriptor >= 0 else { throw AtomicFileError(path: url.path, action: "create", code: errno) }
    do {
      defer { close(descriptor) }
      try write(data, to: descriptor, of: url)
    } catch {
      unlink(temporary.path)
      throw error
    }
    guard rename(temporary.path, url.path) == 0 else {
      let code = errno
      unlink(temporary.path)
      throw AtomicFileError(path: url.path, action: "replace", code: code)
    }
  }

  /// Writes all of `data` at the descriptor's place, and flushes it to the disk.
  static func write(_ data: Data, to descriptor: Int32, of url: URL) throws {
    try data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = Foundation.write(
          descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written < 0 {
          if errno == EINTR { continue }
          throw AtomicFileError(path: url.path, action: "write", code: errno)
        }
        rest = rest.dropFirst(written)
      }
    }
    guard fsync(descriptor) == 0 else {
      throw AtomicFileError(path: url.path, action: "flush", code: errno)
    }
  }
}

/// A file that could not be read or written.
public struct AtomicFileError: Error, Equatable, CustomStringConvertible {
  /// The file's, as it was given.
  public let path: String
  /// What failed: `read`, `create`, `write`, `flush`, `replace`.
  public let action: String
  /// The system's `errno`.
  public let code: Int32

  public init(path: String, action: String, code: Int32) {
    self.path = path
    self.action = action
    self.code = code
  }

  /// The system's words for ``code``.
  public var reason: String { String(cString: strerror(code)) }

  public var description: String { "cannot \(action) the file '\(path)': \(reason)" }
}
