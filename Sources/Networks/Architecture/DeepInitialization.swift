/// The named initialisations of networks of any depth, as factors of ``DeepOriginalModel``. Layer `l` has `p_l` inputs
/// (fan-in) and `q_l` outputs (fan-out); `m_1, ..., m_(L-1)` are the hidden widths.
///
/// | name | alpha | beta_l | gamma for equal widths, L = 2, 3 |
/// |---|---|---|---|
/// | `lecun` | 1 | sqrt(1/p_l) | 1/2, 1 |
/// | `he` | 1 | sqrt(2/p_l) | 1/2, 1 |
/// | `xavier` | 1 | sqrt(2/(p_l + q_l)) | 1, 3/2 |
/// | `ntk` | prod sqrt(m_l) | 1 | 1/2, 1 |
/// | `mean-field` | prod m_l | 1 | 1, 2 |
/// | `mup` | sqrt(m_(L-1) / m_1) | sqrt(1/m_1), then sqrt(1/p_l) | 1, 3/2 |
///
/// For a 1-homogeneous activation a factor before a layer is a factor before the whole. In muP (Yang and Hu 2021, arXiv
/// 2011.14522, Table 1) all weights start with variance `1/m`, the first layer is multiplied by `sqrt(m)` and the last by
/// `1/sqrt(m)`, which is `alpha`, and learning rates are equal. The limits for `m -> infinity` of two layers are those of
/// ``NamedInitialization``.
public enum DeepInitialization: String, CaseIterable, Sendable {
  /// That row of the table.
  case lecun, he, xavier, ntk
  /// That row of the table.
  case meanField = "mean-field"
  /// That row of the table.
  case mup

  /// - Throws: ``NamedInitializationError``.
  public init(_ name: String) throws {
    guard let known = Self(rawValue: name) else { throw NamedInitializationError.unknownDeep(name) }
    self = known
  }

  /// The factors for a network of these widths: inputs (the bias coordinate included), hidden layers, outputs.
  ///
  /// - Throws: ``ScalingError``.
  public func model(widths: [Int]) throws -> DeepOriginalModel {
    precondition(widths.count >= 3)
    let hidden = widths.dropFirst().dropLast().map(Double.init)
    let fans = zip(widths, widths.dropFirst()).map { (into: Double($0), out: Double($1)) }
    let ones = fans.map { _ in 1.0 }
    let product = hidden.reduce(1, *)
    return switch self {
    case .lecun: try DeepOriginalModel(alpha: 1, betas: fans.map { (1 / $0.into).squareRoot() })
    case .he: try DeepOriginalModel(alpha: 1, betas: fans.map { (2 / $0.into).squareRoot() })
    case .xavier: try DeepOriginalModel(alpha: 1, betas: fans.map { (2 / ($0.into + $0.out)).squareRoot() })
    case .ntk: try DeepOriginalModel(alpha: product.squareRoot(), betas: ones)
    case .meanField: try DeepOriginalModel(alpha: product, betas: ones)
    case .mup:
      // The first layer's variance is that of its outputs' number: its inputs do not grow.
      try DeepOriginalModel(
        alpha: (hidden.last! / hidden.first!).squareRoot(),
        betas: fans.enumerated().map {
          (1 / ($0.offset == 0 ? $0.element.out : $0.element.into)).squareRoot()
        })
    }
  }
}
