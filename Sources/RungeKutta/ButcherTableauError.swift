/// Why coefficients are no Runge-Kutta method of the order claimed. Rows count from 1, as in the literature.
public enum ButcherTableauError: Error, Equatable, CustomStringConvertible {
  /// An array has the wrong length, or `a` is not strictly lower triangular.
  case shape(tableau: String, what: String, expected: Int, got: Int)
  /// A number that cannot be: an order below 1, a coefficient that is not finite.
  case unusable(tableau: String, what: String)
  /// `sum_j a_ij` differs from `c_i`.
  case rowSum(tableau: String, row: Int, sum: Double, c: Double)
  /// The condition of a rooted tree does not hold for `weights` (`b`, `bHat` or `b(theta)`).
  case order(tableau: String, weights: String, tree: String, order: Int, defect: Double)
  /// The last stage is not the first one of the next step.
  case firstSameAsLast(tableau: String)
  /// The dense output does not end at `y_1`.
  case denseEnd(tableau: String, stage: Int, sum: Double, b: Double)

  public var description: String {
    switch self {
    case .shape(let name, let what, let expected, let got):
      "tableau '\(name)': \(what) has \(got) elements, \(expected) are needed"
    case .unusable(let name, let what):
      "tableau '\(name)': \(what)"
    case .rowSum(let name, let row, let sum, let c):
      "tableau '\(name)': row \(row) of a sums to \(sum), but c_\(row) = \(c)"
    case .order(let name, let weights, let tree, let order, let defect):
      "tableau '\(name)': \(weights) misses the condition of the tree \(tree) of order \(order) by \(defect)"
    case .firstSameAsLast(let name):
      "tableau '\(name)' claims that its last stage is the next step's first, which needs c_s = 1 and the last row of a equal to b with b_s = 0"
    case .denseEnd(let name, let stage, let sum, let b):
      "tableau '\(name)': the dense output's weights of stage \(stage) sum to \(sum), but b_\(stage) = \(b)"
    }
  }
}
