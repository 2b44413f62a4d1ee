import Foundation

extension SweepStore {
  /// Whether the folder `path` holds a sweep.
  public static func isStore(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: URL(filePath: path).appending(path: SweepSchema.file).path)
  }

  /// How many runs are done, how many of these failed, and how many there are.
  ///
  /// - Throws: `DatabaseError`.
  public func progress() throws -> (done: Int, failed: Int, total: Int) {
    let rows = try rows()
    return (
      rows.count { $0.result != nil }, rows.count { $0.result?.isSuccess == false }, rows.count
    )
  }
}
