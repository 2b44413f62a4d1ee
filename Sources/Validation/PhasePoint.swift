import Studies

/// A place `(gamma, gamma')` in the phase diagram (14).
public struct PhasePoint: Hashable, Codable, Sendable {
  public let gamma: Double
  public let gammaPrime: Double

  public init(_ gamma: Double, _ gammaPrime: Double) {
    self.gamma = gamma
    self.gammaPrime = gammaPrime
  }

  /// `gamma:gamma'`, as on the command line.
  public init?(_ text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let gamma = parts[0], let gammaPrime = parts[1], gamma.isFinite,
      gammaPrime.isFinite
    else { return nil }
    self.init(gamma, gammaPrime)
  }

  public var region: PhaseRegion { PhaseRegion(gamma: gamma, gammaPrime: gammaPrime) }

  /// How it is named in tables.
  public var label: String { "(\(Self.short(gamma)), \(Self.short(gammaPrime)))" }

  private static func short(_ x: Double) -> String { x == x.rounded() ? "\(Int(x))" : "\(x)" }

  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    self.init(try values.decode(Double.self), try values.decode(Double.self))
    guard values.isAtEnd else {
      throw DecodingError.dataCorruptedError(
        in: values, debugDescription: "a point is a pair [gamma, gamma']")
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    try values.encode(gamma)
    try values.encode(gammaPrime)
  }
}
