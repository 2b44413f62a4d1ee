import Foundation

/// How all of PhaseFlow's JSON is written: keys in alphabetical order, so that equal values give equal bytes.
package enum JSONText {
  /// In lines, for people and files.
  ///
  /// - Parameter namesNonFinite: writes `"inf"`, `"-inf"` and `"nan"` where a number is not finite, which otherwise
  ///   is an error.
  /// - Throws: `EncodingError`.
  package static func pretty(_ value: some Encodable, namesNonFinite: Bool = false) throws -> String {
    try text(value, [.prettyPrinted], namesNonFinite)
  }

  /// In one line, for what a program reads.
  ///
  /// - Throws: `EncodingError`.
  package static func compact(_ value: some Encodable) throws -> String { try text(value, [], false) }

  private static func text(
    _ value: some Encodable, _ style: JSONEncoder.OutputFormatting, _ namesNonFinite: Bool
  ) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = style.union([.sortedKeys, .withoutEscapingSlashes])
    if namesNonFinite {
      encoder.nonConformingFloatEncodingStrategy = .convertToString(
        positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    }
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }
}
