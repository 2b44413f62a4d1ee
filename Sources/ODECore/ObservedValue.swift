/// A value in `summary.json` that an ``Observer`` has found.
///
/// ```swift
/// let distance = outcome.summary.observers["relative-distance"]?["w"]?.number
/// ```
public enum ObservedValue: Equatable, Sendable {
  /// Written as `null` if not finite.
  case number(Double)
  /// A whole number.
  case integer(Int)
  /// A text.
  case text(String)
  /// Yes or no.
  case flag(Bool)
  /// Several numbers.
  case numbers([Double])

  /// The number, whole or not; `nil` for a value of another kind.
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  /// The whole number; `nil` for a value of another kind.
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  /// The text; `nil` for a value of another kind.
  public var text: String? { if case .text(let value) = self { value } else { nil } }
  /// The truth value; `nil` for a value of another kind.
  public var flag: Bool? { if case .flag(let value) = self { value } else { nil } }
  /// The list; `nil` for a value of another kind.
  public var numbers: [Double]? { if case .numbers(let values) = self { values } else { nil } }
}

extension ObservedValue: Encodable {
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let value): try container.encode(value.isFinite ? value : nil)
    case .integer(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .flag(let value): try container.encode(value)
    case .numbers(let values): try container.encode(values.map { $0.isFinite ? $0 : nil })
    }
  }
}

/// The value as a person writes it: `0.25`, `3`, `yes`.
extension ObservedValue: CustomStringConvertible {
  public var description: String {
    switch self {
    case .number(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .text(let value): value
    case .flag(let value): value ? "yes" : "no"
    case .numbers(let values): "\(values)"
    }
  }
}
