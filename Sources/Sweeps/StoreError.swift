import Foundation
import GRDB
import Studies

/// A store that could not be read or written, for a reason that lies outside of it; what lies in it is `StoreDamage`.
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
        "another process has kept it locked for a minute; try again when it has ended"
      case .SQLITE_IOERR: "the system could not read or write its files"
      case .SQLITE_NOMEM: "there is not enough memory"
      case .SQLITE_TOOBIG: "a run's curves or weights are larger than the store can hold"
      default: detail
      }
    return "the sweep's store in '\(folder)': \(reason)"
  }

  /// Does `body`, and tells what SQLite complains of in words.
  static func naming<T>(_ folder: URL, _ body: () throws -> T) throws -> T {
    do { return try StoreDamage.naming(folder, body) } catch let error as DatabaseError {
      throw StoreError(error, folder)
    }
  }
}
