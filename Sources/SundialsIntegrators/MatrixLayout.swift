import ODECore

/// Where the elements of a Jacobian are in a matrix of SUNDIALS, and how they are had by differences.
enum MatrixLayout {
  case none
  case dense(count: Int)
  case band(count: Int, lower: Int, upper: Int)
  case sparse(SparsityPattern)

  init(_ solver: CVODELinearSolver?, _ system: any ODESystem) {
    switch solver {
    case .dense: self = .dense(count: system.dimension)
    case .banded:
      let (lower, upper) = CVODELinearSolver.band(of: system)!
      self = .band(count: system.dimension, lower: lower, upper: upper)
    case .sparse: self = .sparse((system as! any SparseStructured).sparsity!)
    default: self = .none
    }
  }

  var isMatrix: Bool {
    if case .none = self { return false }
    return true
  }

  var differences: DifferencedJacobian? {
    switch self {
    case .none: nil
    case .dense(let count): DifferencedJacobian(count: count)
    case .band(let count, let lower, let upper):
      DifferencedJacobian(count: count, bandwidths: (lower, upper))
    case .sparse(let pattern): DifferencedJacobian(pattern)
    }
  }

  /// The number of elements that are stored.
  var length: Int {
    switch self {
    case .none: 0
    case .dense(let count): count * count
    case .band(let count, let lower, let upper): count * (min(count - 1, lower + upper) + lower + 1)
    case .sparse(let pattern): pattern.rows.count
    }
  }

  @inline(__always)
  func place(_ i: Int, _ j: Int) -> Int {
    switch self {
    case .none: 0
    case .dense(let count): i + j * count
    case .band(let count, let lower, let upper):
      i - j + min(count - 1, lower + upper) + j * (min(count - 1, lower + upper) + lower + 1)
    case .sparse(let pattern): pattern.place(i, j)
    }
  }
}
