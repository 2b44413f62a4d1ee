import Foundation
import GRDB
import Studies

/// A store that could not be read or written.
public struct StoreError: Error, CustomStringConvertible {
  /// The store's folder.
  public let folder: String
  /// SQLite's result code.
  public let code: ResultCode
  /// SQLite's own words.
  let detail: String

  init(_ error: DatabaseError, _ folder: URL) {
    self.folder = folder.relativePath
    code = error.resultCode
    detail = error.message ?? "no reason given"
  }

  public var description: String {
    let reason =
      switch code {
      case .SQLITE_FULL: "the disk is full"
      case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: "its files may not be written by this user"
      case .SQLITE_CANTOPEN: "its files may not be opened by this user"
      case .SQLITE_BUSY, .SQLITE_LOCKED:
        "another process has kept it locked for \(Int(StoreFile.patience)) seconds; try again when it has ended"
      case .SQLITE_NOTADB: "\(SweepSchema.file) is no SQLite database"
      case .SQLITE_CORRUPT:
        "\(SweepSchema.file) is damaged; put back a sound copy, or save what 'sqlite3 FILE .recover' finds"
      case .SQLITE_IOERR: "the system could not read or write its files"
      case .SQLITE_NOMEM: "there is not enough memory"
      case .SQLITE_TOOBIG: "a run's curves or weights are larger than the store can hold"
      default: "\(SweepSchema.file) is not as this program writes it (\(detail))"
      }
    return "the sweep's store in '\(folder)': \(reason)"
  }

  /// Does `body`, and tells what SQLite complains of in words.
  static func naming<T>(_ folder: URL, _ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as DatabaseError { throw StoreError(error, folder) }
  }
}
