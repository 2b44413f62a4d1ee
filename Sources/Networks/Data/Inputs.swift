/// Inputs `x_i`, `i = 1...n`: points at which a network is evaluated, with or without targets.
///
/// A network's bias is its weight from a coordinate that is 1 in every input. ``init(features:)`` appends it; in other
/// coordinates, such as `SpanCoordinates`, no column need be constant.
public struct Inputs: Sendable, Equatable {
  /// `n`.
  public let count: Int
  /// `d`.
  public let dimension: Int
  /// Row-major, `n x d`.
  public let values: [Double]

  /// `values` must be one or more whole rows of `d` numbers.
  public init(_ values: [Double], dimension d: Int) {
    precondition(
      d > 0 && !values.isEmpty && values.count.isMultiple(of: d), "inputs are no matrix of \(d) columns")
    (self.values, dimension, count) = (values, d, values.count / d)
  }

  /// `n >= 1` rows of `d - 1` features, all of one length; the bias coordinate 1 is appended to each.
  ///
  /// ```swift
  /// let grid = Inputs(features: (0...100).map { [Double($0) / 100] })
  /// let f = try flow.network.outputs(state.span, at: grid)
  /// ```
  public init(features: [[Double]]) {
    precondition(Set(features.map(\.count)).count == 1, "inputs need one row or more, all of one length")
    self.init(features.flatMap { $0 + [1] }, dimension: features[0].count + 1)
  }

  /// `x_i`, `d` values; `i` from 0.
  public subscript(_ i: Int) -> ArraySlice<Double> { values[i * dimension..<(i + 1) * dimension] }
}
