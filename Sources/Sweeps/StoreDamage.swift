import Files
import Foundation
import GRDB
import Studies

/// Says of a store that holds what this program does not write, edited by hand or damaged, where that is.
enum StoreDamage {
  /// Reads something of the store in `folder`.
  ///
  /// - Throws: `UsageError` for what cannot be read as what it should be; other errors as they are.
  static func naming<T>(_ folder: URL, _ body: () throws -> T) throws -> T {
    do {
      return try body()
    } catch let error as RowDecodingError {
      throw damage(folder, "\(error)")
    } catch let error as DatabaseError where isDamage(error) {
      throw damage(folder, error.message ?? "\(error.resultCode)")
    } catch let problem as NumPyFileError.Problem {
      throw damage(folder, NumPyFileError(path: "an array", problem: problem).description)
    } catch let error as StoreProblem {
      throw damage(folder, error.description)
    }
  }

  private static func damage(_ folder: URL, _ reason: String) -> UsageError {
    // What GRDB says of a row goes on with all that is in the row.
    let brief = reason.prefix { $0 != "\n" }.components(separatedBy: ", row: [")[0]
    return UsageError(
      "the sweep's store in '\(folder.relativePath)' is damaged: \(brief); restore a sound copy, or start the sweep "
        + "again in another folder")
  }

  private static func isDamage(_ error: DatabaseError) -> Bool {
    switch error.resultCode {
    case .SQLITE_ERROR, .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT: true
    default: false
    }
  }
}

/// What is wrong with the contents of a store.
struct StoreProblem: Error, CustomStringConvertible {
  let description: String
}
