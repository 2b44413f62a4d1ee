import GradientFlow
import Studies

/// A part of a network's parameters whose RD (16) a sweep measures: of two layers `w`, `a` and `theta`, of networks of any depth each layer and
/// `theta`.
public enum SweepPart: Hashable, Sendable {
  /// `theta_w`, the input weights of a network of two layers.
  case w
  /// `theta_a`, its output weights.
  case a
  /// All parameters.
  case theta
  /// One layer of weights, the first is 1.
  case layer(Int)

  /// Every part that some of `rows` have.
  static func all(_ rows: [SweepRow]) -> [SweepPart] {
    let depths = Set(rows.map { $0.result?.layers?.count ?? 0 })
    let layers = (depths.max() ?? 0) > 0 ? (1...depths.max()!).map(SweepPart.layer) : []
    return (layers.isEmpty || depths.contains(0) ? [.w, .a] : []) + layers + [.theta]
  }

  /// `w`, `a`, `theta`, `W1`.
  public var name: String {
    switch self {
    case .w: "w"
    case .a: "a"
    case .theta: "theta"
    case .layer(let l): "W\(l)"
    }
  }

  /// For figures, as in `S_w`, `S_θ`, `S_{W_1}`.
  var symbol: String {
    switch self {
    case .w, .a: name
    case .theta: "θ"
    case .layer(let l): "W_\(l)"
    }
  }

  /// The subscript of `S` in a page.
  var subscriptText: String { self == .theta ? "θ" : name }

  /// In words.
  var label: String {
    switch self {
    case .w: "w, the input weights"
    case .a: "a, the output weights"
    case .theta: "θ, all parameters"
    case .layer(let l): "layer \(l)"
    }
  }

  /// The column of its RD in recorded curves.
  var column: String { "rd" + name.prefix(1).uppercased() + name.dropFirst() }

  /// The part that stands for a network where only one is told.
  static func leading(_ parts: [SweepPart]) -> SweepPart { parts.first ?? .w }
}
