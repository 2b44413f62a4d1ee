import Foundation

/// Files that are either whole or absent.
public enum AtomicFile {
  /// Reads a whole file.
  ///
  /// - Throws: ``AtomicFileError`` with the system's own reason, a folder included; `ESPIPE` for a pipe, `ENODEV` for a
  ///   device.
  public static func read(_ url: URL) throws -> Data {
    let descriptor = try openToRead(url.path)
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

  /// A descriptor of a file that has an end: pipes and devices may have none, and opening a pipe may wait for ever.
  ///
  /// - Throws: as ``read(_:)``.
  public static func openToRead(_ path: String) throws -> Int32 {
    func failure(_ code: Int32) -> AtomicFileError { AtomicFileError(path: path, action: "read", code: code) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw failure(errno) }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0 else {
      let code = errno
      close(descriptor)
      throw failure(code)
    }
    switch facts.st_mode & S_IFMT {
    case S_IFREG: return descriptor
    case S_IFDIR:
      close(descriptor)
      throw failure(EISDIR)
    case S_IFIFO, S_IFSOCK:
      close(descriptor)
      throw failure(ESPIPE)
    default:
      close(descriptor)
      throw failure(ENODEV)
    }
  }

  /// Writes `data` to a new file beside `url`, flushes it to the disk and renames it to `url`: whoever reads
  /// `url` sees the old contents or the new, even if the process or the machine stops in between.
  ///
  /// - Throws: ``AtomicFileError``; nothing is left behind then, and an old file stays as it was.
  public static func write(_ data: Data, to url: URL) throws {
    let temporary = url.deletingLastPathComponent().appendingPathComponent(
      ".\(url.lastPathComponent).\(UUID().uuidString).tmp")
    let descriptor = FileCall.create(temporary.path)
    guard descriptor >= 0 else { throw AtomicFileError(path: url.path, action: "create", code: errno) }
    do {
      defer { close(descriptor) }
      try write(data, to: descriptor, of: url)
    } catch {
      _ = FileCall.unlink(temporary.path)
      throw error
    }
    do {
      try rename(temporary, to: url)
    } catch {
      _ = FileCall.unlink(temporary.path)
      throw error
    }
  }

  /// Gives a file or a folder its name, which stays through a power cut: the folder that it lies in is flushed.
  ///
  /// - Throws: ``AtomicFileError``.
  package static func rename(_ old: URL, to new: URL) throws {
    guard FileCall.rename(old.path, new.path) == 0 else {
      throw AtomicFileError(path: new.path, action: "replace", code: errno)
    }
    let parent = new.deletingLastPathComponent()
    let folder = open(parent.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { return }
    defer { close(folder) }
    // Some file systems cannot flush a folder; that is no reason to fail.
    if FileCall.flush(folder, of: parent.path) != 0, errno == EIO || errno == ENOSPC {
      throw AtomicFileError(path: new.path, action: "flush", code: errno)
    }
  }

  /// Writes all of `data` at the descriptor's place, and flushes it to the disk.
  static func write(_ data: Data, to descriptor: Int32, of url: URL) throws {
    try data.withUnsafeBytes { bytes in
      var rest = bytes[...]
      while !rest.isEmpty {
        let written = FileCall.write(descriptor, UnsafeRawBufferPointer(rebasing: rest), of: url.path)
        if written < 0 {
          if errno == EINTR { continue }
          throw AtomicFileError(path: url.path, action: "write", code: errno)
        }
        rest = rest.dropFirst(written)
      }
    }
    guard FileCall.flush(descriptor, of: url.path) == 0 else {
      throw AtomicFileError(path: url.path, action: "flush", code: errno)
    }
  }
}

/// A file that could not be read or written.
public struct AtomicFileError: Error, Equatable, CustomStringConvertible {
  /// The file's, as it was given.
  public let path: String
  /// What failed: `read`, `create`, `write`, `flush`, `replace`, `remove`.
  public let action: String
  /// The system's `errno`.
  public let code: Int32

  /// The file, what was done with it, and the system's error code.
  public init(path: String, action: String, code: Int32) {
    self.path = path
    self.action = action
    self.code = code
  }

  /// The system's words for ``code``; plainer ones for a pipe and a device.
  public var reason: String {
    switch code {
    case ESPIPE: "it is a pipe; a file can be read again when a run is resumed, a pipe cannot"
    case ENODEV: "it is a device, not a file"
    default: String(cString: strerror(code))
    }
  }

  public var description: String { "cannot \(action) the file '\(path)': \(reason)" }
}
