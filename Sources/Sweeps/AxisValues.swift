import Foundation
import Studies

/// The values of an axis as they are written.
struct AxisValues {
  let texts: [String]

  init(_ texts: [String], _ key: String) throws {
    self.texts = texts
    if let twice = Dictionary(grouping: texts, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
      throw UsageError("axes: \(key) has the value \(twice) twice")
    }
  }

  /// A list of values, a single value, or `{from: A, to: B, count: N}`.
  ///
  /// - Throws: `UsageError`.
  init(_ tree: SettingTree, _ key: String) throws {
    switch tree {
    case .list(let items):
      let texts = items.compactMap(\.specification)
      guard !texts.isEmpty, texts.count == items.count else {
        throw UsageError("axes: \(key) must be a list of at least one value")
      }
      try self.init(texts, key)
    case .mapping where tree.specification == nil || key == "gamma":
      let range = try SettingReader(tree, "axes: \(key)", keys: ["from", "to", "count"])
      guard let from: Double = try range.value("from"), let to: Double = try range.value("to"),
        let count: Int = try range.value("count"), (1...Self.most).contains(count), count > 1 || from == to
      else {
        throw UsageError("axes: \(key) needs 'from', 'to' and a 'count' from 2 to \(Self.most)")
      }
      try self.init(Self.evenly(from: from, to: to, count: count).map(Self.text), key)
    default:
      guard let text = tree.specification else {
        throw UsageError("axes: \(key) must be a list of at least one value")
      }
      try self.init([text], key)
    }
  }

  /// Nobody waits for the end of more cells.
  static let most = 1_000_000

  /// Whole numbers without a point, so that they may be widths.
  static func text(_ value: Double) -> String { Int(exactly: value).map { "\($0)" } ?? "\(value)" }

  /// Rounded to twelve digits, so that 0.5 + 3 * 0.1 is 0.8.
  static func evenly(from: Double, to: Double, count: Int) -> [Double] {
    if count == 1 { return [from] }
    return (0..<count).map { i in
      let value = from + (to - from) * Double(i) / Double(count - 1)
      return (value * 1e12).rounded() / 1e12
    }
  }

  func numbers(_ key: String) throws -> [Double] {
    try distinct(key, texts.map { Double($0).flatMap { $0.isFinite ? $0 : nil } }, "a finite number")
  }

  /// Not negative, and what SQLite can hold.
  func integers(_ key: String) throws -> [Int] {
    try distinct(key, texts.map { Int($0).flatMap { $0 >= 0 ? $0 : nil } }, "a whole number, at least 0")
  }

  private func distinct<T: Hashable>(_ key: String, _ values: [T?], _ expected: String) throws -> [T] {
    if let i = values.firstIndex(where: { $0 == nil }) {
      throw UsageError("axes: \(key) has the value '\(texts[i])'; it must be \(expected)")
    }
    let found = values.map { $0! }
    guard Set(found).count == found.count else { throw UsageError("axes: \(key) has a value twice") }
    return found
  }
}
