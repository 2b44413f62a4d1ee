import ODECore

/// How far a state is from where its flow started,
///
///     RD(theta_w(t)) = |theta_w(t) - theta_w(0)| / |theta_w(0)|        (16)
///
/// and likewise for `theta_a` and `theta = (theta_a, theta_w)` (Appendix D), Euclidean norms.
///
/// A part that starts at zero has no relative distance: infinite once it has moved, NaN before. The values are the same,
/// to rounding, in the inputs' own coordinates and in ``SpanCoordinates``.
public struct DistanceFromStart {
  private let shape: NetworkShape
  private let start: StateVector
  /// `|theta_w(0)|^2` and `|theta_a(0)|^2`.
  private let squares: (w: Double, a: Double)

  /// - Parameter start: `theta(0)`, laid out as `shape` says; copied.
  public init(_ start: Span<Double>, shape: NetworkShape) {
    precondition(start.count == shape.stateLength)
    let copy = StateVector(count: start.count)
    copy.withMutableSpan { target in for i in 0..<start.count { target[i] = start[i] } }
    (self.shape, self.start) = (shape, copy)
    squares = Self.squares(UnsafeBufferPointer(start: copy.pointer, count: copy.count), minus: nil, shape)
  }

  /// `|theta_part(0)|`.
  public func startNorm(_ part: ParameterPart) -> Double {
    switch part {
    case .w: squares.w.squareRoot()
    case .a: squares.a.squareRoot()
    case .theta: (squares.w + squares.a).squareRoot()
    }
  }

  /// The relative distances of the state `y`. Reads it once and allocates nothing.
  public func callAsFunction(_ y: Span<Double>) -> RelativeDistances {
    precondition(y.count == start.count)
    let origin = UnsafeBufferPointer(start: start.pointer, count: start.count)
    let moved = y.withUnsafeBufferPointer { Self.squares($0, minus: origin, shape) }
    return RelativeDistances(
      w: (moved.w / squares.w).squareRoot(), a: (moved.a / squares.a).squareRoot(),
      theta: ((moved.w + moved.a) / (squares.w + squares.a)).squareRoot())
  }

  private static func squares(
    _ y: UnsafeBufferPointer<Double>, minus origin: UnsafeBufferPointer<Double>?, _ shape: NetworkShape
  ) -> (w: Double, a: Double) {
    func part(_ part: ParameterPart) -> Double {
      let range = part.range(in: shape)
      return sumOfSquares(
        UnsafeBufferPointer(rebasing: y[range]),
        minus: origin.map { UnsafeBufferPointer(rebasing: $0[range]) })
    }
    return (part(.w), part(.a))
  }
}
