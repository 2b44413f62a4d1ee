/// The size of a two-layer network and the layout of its parameters in a state vector.
///
/// A state `theta` is `[a_1...a_m, w_11...w_m1, ..., w_1d...w_md]`: the output weights, then one
/// run of `m` numbers for each input coordinate (structure of arrays), `m (d + 1)` in all.
public struct NetworkShape: Equatable, Sendable {
  /// `m`, the number of neurons.
  public let width: Int
  /// `d`, the bias coordinate included.
  public let inputDimension: Int

  /// Both must be positive.
  public init(width: Int, inputDimension: Int) {
    precondition(width > 0 && inputDimension > 0)
    self.width = width
    self.inputDimension = inputDimension
  }

  /// `m (d + 1)`.
  public var stateLength: Int { width * (inputDimension + 1) }

  /// Where `a_k` is in a state vector; neurons count from 0.
  @inlinable public func indexOfA(_ k: Int) -> Int { k }
  /// Where coordinate `j` (from 0) of `w_k` is.
  @inlinable public func indexOfW(_ k: Int, _ j: Int) -> Int { (j + 1) * width + k }
}
