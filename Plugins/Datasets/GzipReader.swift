import CZlib
import Files
import Foundation
import UntrustedNumbers

/// Reads a file front to back, uncompressing it if it begins as gzip does.
final class GzipReader {
  let path: String
  /// More than the file can hold: gzip makes at most 1032 bytes of one (zlib.net/zlib_tech.html).
  let mostBytes: Int
  /// Bytes delivered so far.
  private(set) var position = 0
  private let file: gzFile

  /// - Throws: ``DatasetFileError``.
  init(path: String) throws {
    self.path = path
    do {
      let descriptor = try AtomicFile.openToRead(path)
      let length = Int(clamping: lseek(descriptor, 0, SEEK_END))
      lseek(descriptor, 0, SEEK_SET)
      mostBytes = UntrustedNumber.product([max(0, length), 1032]) ?? .max
      guard let file = gzdopen(descriptor, "rb") else {
        close(descriptor)
        throw DatasetFileError(path: path, problem: .unreadable(reason: String(cString: strerror(ENOMEM))))
      }
      self.file = file
    } catch let error as AtomicFileError {
      throw DatasetFileError(path: path, problem: .unreadable(reason: error.reason))
    }
    gzbuffer(file, 1 << 17)
  }

  deinit { gzclose(file) }

  /// Fills `buffer` unless the file ends before; returns how many bytes it delivered.
  ///
  /// - Throws: ``DatasetFileError`` if the file cannot be read or its compressed data are damaged; an end of
  ///   the compressed data before their own end mark counts as damage, too.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < buffer.count {
      let wanted = UInt32(min(buffer.count - done, 1 << 30))
      let got = gzread(file, buffer.baseAddress! + done, wanted)
      if got > 0 {
        done += Int(got)
        position += Int(got)
      }
      if got < Int32(wanted) {
        var code: Int32 = 0
        let message = gzerror(file, &code).map { String(cString: $0) } ?? ""
        if code == Z_ERRNO {
          throw DatasetFileError(
            path: path, problem: .unreadable(reason: String(cString: strerror(errno))))
        }
        guard code == Z_OK || code == Z_STREAM_END else {
          throw DatasetFileError(path: path, problem: .compression(reason: message))
        }
        break
      }
    }
    return done
  }

  /// The next `count` bytes, fewer at the end of the file.
  func read(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try bytes.withUnsafeMutableBytes { try read(into: $0) }
    return Array(bytes.prefix(got))
  }
}
