/// What every kind of plug-in says of itself. Conform to one of ``ActivationPlugin``, ``LossPlugin``,
/// ``ObserverPlugin``, ``SystemPlugin``, ``IntegratorPlugin``: each is a protocol of ODECore or Networks with this
/// description, so that one type can be compiled in and can be loaded at run time.
public protocol PluginDescription {
  /// What users type: lower-case letters, digits and `-`, first a letter.
  static var name: String { get }
  /// One line for `phaseflow plugins`.
  static var summary: String { get }
  /// Where it comes from: authors, year, doi; empty if there is nothing to cite.
  static var citation: String { get }
  /// What a user may give: `name(beta: 20)`.
  static var parameters: [Parameter] { get }
}

extension PluginDescription {
  public static var citation: String { "" }
  public static var parameters: [Parameter] { [] }
}

/// One number that may follow a plug-in's name.
public struct Parameter: Sendable {
  /// The key in `name(key: value)`.
  public let name: String
  /// What it is, in a few words.
  public let summary: String
  /// Used where the user says nothing.
  public let defaultValue: Double
  /// What is allowed.
  public let range: ClosedRange<Double>
  /// Whether only whole numbers are allowed.
  public let isInteger: Bool

  /// - Parameter integer: whether only whole numbers are allowed.
  public init(
    _ name: String, _ summary: String = "", default defaultValue: Double,
    in range: ClosedRange<Double> = -Double.infinity...Double.infinity, integer: Bool = false
  ) {
    self.name = name
    self.summary = summary
    self.defaultValue = defaultValue
    self.range = range
    isInteger = integer
  }
}

/// The values of a plug-in's parameters.
public struct Parameters: Sendable {
  private let values: [String: Double]

  /// The defaults, some of them replaced.
  public init(_ declared: [Parameter], _ given: [String: Double] = [:]) {
    values = Dictionary(declared.map { ($0.name, $0.defaultValue) }) { $1 }.merging(given) { $1 }
  }

  /// One value for each of `declared`, in their order.
  init(_ declared: [Parameter], _ pointer: UnsafePointer<Double>) {
    values = Dictionary(declared.enumerated().map { ($1.name, pointer[$0]) }) { $1 }
  }

  /// The value of a declared parameter.
  public subscript(name: String) -> Double {
    guard let value = values[name] else { preconditionFailure("no parameter '\(name)' is declared") }
    return value
  }
}
