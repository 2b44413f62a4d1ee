/// A part of the parameters `theta = (theta_a, theta_w)`.
public enum ParameterPart: String, CaseIterable, Sendable {
  /// `theta_w`, the input weights.
  case w
  /// `theta_a`, the output weights.
  case a
  /// All of `theta`.
  case theta

  /// For people, as in `S_w`, `S_a`, `S_θ`.
  public var symbol: String { self == .theta ? "θ" : rawValue }

  /// Where the part is in a state vector.
  public func range(in shape: NetworkShape) -> Range<Int> {
    switch self {
    case .w: shape.width..<shape.stateLength
    case .a: 0..<shape.width
    case .theta: 0..<shape.stateLength
    }
  }
}
