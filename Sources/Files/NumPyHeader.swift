import Foundation

/// The part of an `.npy` file before the elements: magic, version, length, and a Python dictionary such as
/// `{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }`.
struct NumPyHeader {
  let shape: [Int]
  /// 8 for float64, 4 for float32.
  let elementSize: Int
  let isFortranOrder: Bool
  /// Where the elements begin.
  let length: Int

  init(data: Data) throws {
    typealias Problem = NumPyFileError.Problem
    let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
    let start = [UInt8](data.prefix(12))
    guard start.starts(with: magic) else { throw Problem.magic }
    guard start.count == 12 else { throw Problem.truncated(expected: 12, got: data.count) }
    let (prefix, textLength): (Int, Int)
    switch start[6] {
    case 1: (prefix, textLength) = (10, Int(start[8]) | Int(start[9]) << 8)
    case 2, 3:
      (prefix, textLength) = (12, (8..<12).reduce(0) { $0 | Int(start[$1]) << (8 * ($1 - 8)) })
    default: throw Problem.version(Int(start[6]), Int(start[7]))
    }
    length = prefix + textLength
    guard data.count >= length else { throw Problem.truncated(expected: length, got: data.count) }
    let text = String(decoding: data.dropFirst(prefix).prefix(textLength), as: UTF8.self)
    let fields = try Self.fields(of: text)

    switch fields["descr"] {
    case .text("<f8"): elementSize = 8
    case .text("<f4"): elementSize = 4
    case .text(let type): throw Problem.elementType(type)
    default: throw Problem.header("there is no simple element type in \(text)")
    }
    guard case .flag(let isFortranOrder) = fields["fortran_order"] else {
      throw Problem.header("there is no 'fortran_order' in \(text)")
    }
    self.isFortranOrder = isFortranOrder
    guard case .tuple(let shape) = fields["shape"] else {
      throw Problem.header("there is no 'shape' in \(text)")
    }
    self.shape = shape
  }

  private enum Value {
    case text(String)
    case flag(Bool)
    case tuple([Int])
  }

  /// Reads the dictionary: strings without escapes, `True`, `False`, tuples of whole numbers.
  private static func fields(of text: String) throws -> [String: Value] {
    var rest = Substring(text.trimmingCharacters(in: .whitespacesAndNewlines))
    func fail() -> NumPyFileError.Problem { .header("cannot read \(text)") }
    func skipSpaces() { rest = rest.drop { $0 == " " } }
    func take(_ token: String) -> Bool {
      guard rest.hasPrefix(token) else { return false }
      rest = rest.dropFirst(token.count)
      skipSpaces()
      return true
    }
    func upTo(_ end: Character) throws -> Substring {
      guard let index = rest.firstIndex(of: end) else { throw fail() }
      defer {
        rest = rest[index...].dropFirst()
        skipSpaces()
      }
      return rest[..<index]
    }
    func quoted() throws -> String? {
      if take("'") { return String(try upTo("'")) }
      return take("\"") ? String(try upTo("\"")) : nil
    }
    var fields: [String: Value] = [:]
    guard take("{") else { throw fail() }
    while !take("}") {
      guard let key = try quoted(), take(":") else { throw fail() }
      if let value = try quoted() {
        fields[key] = .text(value)
      } else if take("True") {
        fields[key] = .flag(true)
      } else if take("False") {
        fields[key] = .flag(false)
      } else if take("(") {
        let lengths = try upTo(")").split(separator: ",").map { $0.filter { $0 != " " } }
        fields[key] = .tuple(
          try lengths.filter { !$0.isEmpty }.map {
            guard let length = Int($0), length >= 0 else { throw fail() }
            return length
          })
      } else if take("[") {
        // A record type, which the caller rejects.
        fields[key] = .text("[\(try upTo("]"))]")
      } else {
        throw fail()
      }
      if !take(",") && !rest.hasPrefix("}") { throw fail() }
    }
    guard rest.isEmpty else { throw fail() }
    return fields
  }
}
