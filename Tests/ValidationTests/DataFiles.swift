import Foundation

/// Data sets as a user might bring them, in a folder removed at the end.
enum DataFiles {
  /// Two points far from each other.
  static let two = "x,y\n-0.4,0.3\n0.6,0.8\n"
  /// Five points in the plane, two of them nearly parallel (with the bias coordinate): `lambda_min` is tiny.
  static let five = "x1,x2,y\n0.1,0.9,0.2\n0.5,0.3,0.7\n0.50001,0.3,0.72\n0.9,0.8,0.1\n0.2,0.1,0.9\n"
  /// Two points that are the same: `lambda = 0`.
  static let twins = "x,y\n0.3,0.5\n0.3,0.5\n"

  static func with<R>(_ text: String, _ body: (String) throws -> R) throws -> R {
    let file = FileManager.default.temporaryDirectory.appending(path: "phaseflow-\(UUID().uuidString).csv")
    try Data(text.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    return try body(file.path)
  }
}
