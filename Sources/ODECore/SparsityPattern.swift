/// Which elements of a Jacobian may differ from zero, by columns. The diagonal is always among them.
public struct SparsityPattern: Equatable, Sendable {
  /// The number of unknowns.
  public let count: Int
  /// Where the rows of each column begin in ``rows``; `count + 1` of them.
  public let starts: [Int]
  /// The rows of each column, ascending.
  public let rows: [Int]

  /// - Parameter elements: `(i, j)` for `df_i/dy_j`, in any order, repeated or not.
  /// - Returns: `nil` if one lies outside.
  public init?(count: Int, elements: some Sequence<(row: Int, column: Int)>) {
    var columns = (0..<count).map { [$0] }
    for (i, j) in elements {
      guard (0..<count).contains(i), (0..<count).contains(j) else { return nil }
      columns[j].append(i)
    }
    var (starts, rows) = ([0], [Int]())
    for column in columns {
      var last = -1
      for i in column.sorted() where i != last {
        rows.append(i)
        last = i
      }
      starts.append(rows.count)
    }
    (self.count, self.starts, self.rows) = (count, starts, rows)
  }

  /// Where element `(i, j)` is in ``rows``; it must be in the pattern.
  public func place(_ i: Int, _ j: Int) -> Int {
    var (low, high) = (starts[j], starts[j + 1] - 1)
    while low < high {
      let middle = (low + high) / 2
      if rows[middle] < i { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Groups of columns that have no row in common: one evaluation of `f` serves a group.
  ///
  /// Each column, in their order, joins the first group that it can. Source: Curtis, Powell, Reid, *IMA J. Appl. Math.* 13 (1974)
  /// 117-119, doi:10.1093/imamat/13.1.117.
  public var columnGroups: [[Int]] {
    var columnsOfRow = [[Int]](repeating: [], count: count)
    for j in 0..<count { for k in starts[j]..<starts[j + 1] { columnsOfRow[rows[k]].append(j) } }
    var groupOf = [Int](repeating: -1, count: count)
    var groups: [[Int]] = []
    var takenBy: [Int] = []
    for j in 0..<count {
      for k in starts[j]..<starts[j + 1] {
        for other in columnsOfRow[rows[k]] where groupOf[other] >= 0 { takenBy[groupOf[other]] = j }
      }
      if let free = groups.indices.first(where: { takenBy[$0] != j }) {
        groupOf[j] = free
        groups[free].append(j)
      } else {
        groupOf[j] = groups.count
        groups.append([j])
        takenBy.append(-1)
      }
    }
    return groups
  }
}

/// A system that may know which elements of its Jacobian differ from zero.
public protocol SparseStructured: ODESystem {
  /// `nil`: all may, or nobody knows.
  var sparsity: SparsityPattern? { get }
}
