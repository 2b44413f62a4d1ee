#if canImport(Glibc)
  import Glibc
#else
  import Foundation
#endif

/// The initialisations of the paper's Table 1, as factors of the ``OriginalModel``.
///
/// | name | alpha | beta1 | beta2 | kappa | kappa' | gamma | gamma' |
/// |---|---|---|---|---|---|---|---|
/// | `lecun` (LeCun et al. 2012) | 1 | sqrt(1/m) | sqrt(1/d) | sqrt(1/(m d)) | sqrt(d/m) | 1/2 | 1/2 |
/// | `he` (He et al. 2015) | 1 | sqrt(2/m) | sqrt(2/d) | sqrt(4/(m d)) | sqrt(d/m) | 1/2 | 1/2 |
/// | `xavier` (Glorot and Bengio 2010) | 1 | sqrt(2/(m+1)) | sqrt(2/(m+d)) | sqrt(4/((m+1)(m+d))) | sqrt((m+d)/(m+1)) | 1 | 0 |
/// | `ntk` (Jacot et al. 2018) | sqrt(m) | 1 | 1 | sqrt(1/m) | 1 | 1/2 | 0 |
/// | `mean-field` (Mei et al. 2018; Sirignano and Spiliopoulos 2020; Rotskoff and Vanden-Eijnden 2018) | m | 1 | 1 | 1/m | 1 | 1 | 0 |
/// | `e-et-al:BETA` (E, Ma, Wu 2020) | 1 | beta | 1 | beta | beta | lim log(1/beta)/log(m) | the same |
///
/// `d` counts the bias coordinate, so that the bias starts like a weight. (``OriginalModel``'s `kappa` is for a
/// 1-homogeneous activation.)
public enum NamedInitialization: Equatable, Sendable {
  /// That row of the table.
  case lecun, he, xavier, ntk, meanField
  /// That row of the table, with its free factor.
  case eEtAl(Beta)

  /// The free factor of E et al.
  public enum Beta: Equatable, Sendable {
    /// The same for every width.
    case constant(Double)
    /// `m^exponent`.
    case power(Double)
  }

  /// Those without a parameter, in the order of Table 1.
  public static let plain: [NamedInitialization] = [.lecun, .he, .xavier, .ntk, .meanField]

  /// - Parameter text: a name of the table; for the last one `e-et-al:0.01` or `e-et-al:m^-0.5`.
  /// - Throws: ``NamedInitializationError``.
  public init(_ text: String) throws {
    if let known = Self.plain.first(where: { $0.name == text }) {
      self = known
      return
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0] == "e-et-al" else { throw NamedInitializationError.unknown(text) }
    let value = parts.count == 2 ? String(parts[1]) : ""
    if value.hasPrefix("m^"), let exponent = Double(value.dropFirst(2)), exponent.isFinite {
      self = .eEtAl(.power(exponent))
    } else if let beta = Double(value), beta > 0, beta.isFinite {
      self = .eEtAl(.constant(beta))
    } else {
      throw NamedInitializationError.beta(value)
    }
  }

  /// As ``init(_:)`` reads it.
  public var name: String {
    switch self {
    case .lecun: "lecun"
    case .he: "he"
    case .xavier: "xavier"
    case .ntk: "ntk"
    case .meanField: "mean-field"
    case .eEtAl(.constant(let beta)): "e-et-al:\(beta)"
    case .eEtAl(.power(let exponent)): "e-et-al:m^\(exponent)"
    }
  }

  /// `alpha`, `beta1` and `beta2` for `m` neurons and `d` inputs, the bias coordinate included.
  ///
  /// - Throws: ``OriginalModelError`` if a power of `m` over- or underflows.
  public func model(width m: Int, inputDimension d: Int) throws -> OriginalModel {
    precondition(m > 0 && d > 0)
    let (m, d) = (Double(m), Double(d))
    let (alpha, beta1, beta2): (Double, Double, Double) =
      switch self {
      case .lecun: (1, (1 / m).squareRoot(), (1 / d).squareRoot())
      case .he: (1, (2 / m).squareRoot(), (2 / d).squareRoot())
      case .xavier: (1, (2 / (m + 1)).squareRoot(), (2 / (m + d)).squareRoot())
      case .ntk: (m.squareRoot(), 1, 1)
      case .meanField: (m, 1, 1)
      case .eEtAl(.constant(let beta)): (1, beta, 1)
      case .eEtAl(.power(let exponent)): (1, pow(m, exponent), 1)
      }
    return try OriginalModel(alpha: alpha, beta1: beta1, beta2: beta2)
  }

  /// Its place in the phase diagram: the limits (14) for `m -> infinity` at fixed `d`, with a 1-homogeneous activation.
  public var place: (gamma: Double, gammaPrime: Double) {
    switch self {
    case .lecun, .he: (0.5, 0.5)
    case .xavier, .meanField: (1, 0)
    case .ntk: (0.5, 0)
    case .eEtAl(.constant): (0, 0)
    case .eEtAl(.power(let exponent)): (0 - exponent, 0 - exponent)
    }
  }
}

/// A name that is not in Table 1, or a `beta` that cannot be.
public enum NamedInitializationError: Error, Equatable, CustomStringConvertible {
  /// A name that is not in the table.
  case unknown(String)
  /// The same where there are more than two layers.
  case unknownDeep(String)
  /// A `beta` that cannot be read.
  case beta(String)

  public var description: String {
    switch self {
    case .unknown(let name):
      "unknown initialization '\(name)'; there are "
        + NamedInitialization.plain.map(\.name).joined(separator: ", ") + " and e-et-al:BETA"
    case .unknownDeep(let name):
      "unknown initialization '\(name)' of a network with hidden layers; there are "
        + DeepInitialization.allCases.map(\.rawValue).joined(separator: ", ")
    case .beta(let text):
      "initialization e-et-al needs a beta, a positive number or a power of m, "
        + "like e-et-al:0.01 or e-et-al:m^-0.5; got '\(text)'"
    }
  }
}
