/// The two parts of a Gram matrix (32), symmetric, `n x n`.
public struct GramMatrix: Equatable, Sendable {
  /// `n`.
  public let count: Int
  /// `G^a`, from the output weights' motion.
  public let a: [Double]
  /// `G^w`, from the input weights' motion.
  public let w: [Double]

  /// `G^a + G^w`.
  public var sum: [Double] { zip(a, w).map { $0 + $1 } }

  /// A matrix from its two parts, `n^2` numbers each.
  public init(count: Int, a: [Double], w: [Double]) {
    precondition(a.count == count * count && w.count == count * count)
    self.count = count
    self.a = a
    self.w = w
  }

  /// The eigenvalues of ``sum``, ascending.
  ///
  /// - Throws: ``EigenvalueError`` if an element is not finite; ``BLASError``.
  public func eigenvalues() throws -> [Double] { try symmetricEigenvalues(sum, count: count) }
}
