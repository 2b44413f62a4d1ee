import Figures
import Studies

/// A place `(gamma, gamma')` in the phase diagram (14).
public struct PhasePoint: SettingValue {
  /// `gamma` of (14).
  public let gamma: Double
  /// `gamma'` of (14).
  public let gammaPrime: Double

  /// A place of the phase diagram.
  public init(_ gamma: Double, _ gammaPrime: Double) {
    self.gamma = gamma
    self.gammaPrime = gammaPrime
  }

  /// `gamma:gamma'`, as on the command line.
  public init?(text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
    guard parts.count == 2, let gamma = parts[0], let gammaPrime = parts[1], gamma.isFinite,
      gammaPrime.isFinite
    else { return nil }
    self.init(gamma, gammaPrime)
  }

  /// The region in which it lies.
  public var region: PhaseRegion { PhaseRegion(gamma: gamma, gammaPrime: gammaPrime) }

  /// How it is named in tables.
  public var label: String { "(\(Self.short(gamma)), \(Self.short(gammaPrime)))" }

  /// How it is named in pictures.
  var figureLabel: FigureText {
    "(" + .number(gamma) + ", " + .number(gammaPrime) + ")"
  }

  /// The pair that ``figureLabel`` gives, for a legend's title.
  static let figureSymbol: FigureText = "(" + .symbol("γ") + ", " + .gammaPrime + ")"

  private static func short(_ x: Double) -> String { Int(exactly: x).map { "\($0)" } ?? "\(x)" }

  public static var expected: String { "a pair [gamma, gamma']" }
  public static var schema: SettingTree { ["type": .text("array"), "items": Double.schema] }

  public init?(_ tree: SettingTree) {
    guard let pair = [Double](tree), pair.count == 2, pair.allSatisfy(\.isFinite) else { return nil }
    self.init(pair[0], pair[1])
  }

  public var tree: SettingTree { [gamma, gammaPrime].tree }
}
