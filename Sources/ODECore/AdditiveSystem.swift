/// A system that may split its right-hand side into a stiff part and the rest, `f = f_I + f_E`: additive (IMEX) methods integrate the
/// first implicitly, the other explicitly.
public protocol AdditiveSystem: ODESystem {
  /// Whether it does.
  var isSplit: Bool { get }
  /// Writes the stiff part `f_I(t, y)`.
  func stiffPart(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws
  /// Writes the rest, `f_E(t, y)`.
  func nonstiffPart(_ t: Double, _ y: Span<Double>, into dy: inout MutableSpan<Double>) throws
}

extension AdditiveSystem {
  public var isSplit: Bool { true }
}
