import Foundation
import Studies
import Yams

/// A YAML mapping whose keys are known beforehand.
struct NodeReader {
  private let place: String
  private let mapping: Node.Mapping

  /// - Throws: `UsageError` if `node` is no mapping, or for a key that is not among `keys`.
  init(_ node: Node?, _ place: String, keys: [String]) throws {
    self.place = place
    guard let node else {
      mapping = [:]
      return
    }
    guard let mapping = node.mapping else { throw UsageError("\(place) must be a mapping of keys to values") }
    self.mapping = mapping
    do {
      try StrictYAML.requireKnown(mapping, among: keys)
    } catch let error as UsageError {
      throw UsageError("\(place): \(error.description)")
    }
  }

  var keys: [String] { mapping.keys.compactMap(\.string) }
  subscript(key: String) -> Node? { mapping[Node(key)] }

  func string(_ key: String) throws -> String? { try scalar(key, "a word") { $0.string } }
  func number(_ key: String) throws -> Double? { try scalar(key, "a number") { $0.float } }
  func flag(_ key: String) throws -> Bool? { try scalar(key, "true or false") { $0.bool } }
  func integer(_ key: String) throws -> Int? {
    try scalar(key, "a whole number, at least 0") { $0.int.flatMap { $0 >= 0 ? $0 : nil } }
  }

  private func scalar<T>(_ key: String, _ expected: String, _ read: (Node) -> T?) throws -> T? {
    guard let node = self[key] else { return nil }
    guard let value = read(node) else {
      throw UsageError("\(place): \(key) is '\(node.string ?? "?")'; it must be \(expected)")
    }
    return value
  }

  /// A list of values, a single value, or `{from: A, to: B, count: N}`.
  ///
  /// - Throws: `UsageError`.
  func axis(_ key: String) throws -> AxisValues? {
    guard let node = self[key] else { return nil }
    if let sequence = node.sequence {
      let texts = sequence.compactMap(\.string)
      guard !texts.isEmpty, texts.count == sequence.count else {
        throw UsageError("\(place): \(key) must be a list of at least one value")
      }
      return try AxisValues(texts, key)
    }
    if let text = node.string { return try AxisValues([text], key) }
    let range = try NodeReader(node, "\(place): \(key)", keys: ["from", "to", "count"])
    guard let from = try range.number("from"), let to = try range.number("to"),
      let count = try range.integer("count"), count > 0, count > 1 || from == to
    else { throw UsageError("\(place): \(key) needs 'from', 'to' and a 'count' of at least 2") }
    return try AxisValues(AxisValues.evenly(from: from, to: to, count: count).map(AxisValues.text), key)
  }
}

/// The values of an axis as they are written.
struct AxisValues {
  let texts: [String]

  init(_ texts: [String], _ key: String) throws {
    self.texts = texts
    if let twice = Dictionary(grouping: texts, by: { $0 }).first(where: { $0.value.count > 1 })?.key {
      throw UsageError("axes: \(key) has the value \(twice) twice")
    }
  }

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
