/// Functions of `(t, y)` that are constant along every exact solution: an error estimate for free.
public struct Invariants {
  /// One name for each value.
  public let names: [String]
  /// One value for each of ``names``.
  public let values: (Double, Span<Double>) -> [Double]

  /// The names, and the function `(t, y)` that gives as many values.
  public init(names: [String], values: @escaping (Double, Span<Double>) -> [Double]) {
    self.names = names
    self.values = values
  }
}
