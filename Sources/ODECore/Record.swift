/// The recorded rows of a run: the time, then what the observers recorded, by column.
public struct Record: Equatable, Sendable {
  /// `time`, then the observers' columns.
  public let columns: [String]
  /// The numbers of each column, all equally many.
  public private(set) var values: [[Double]]
  /// How many steps had been accepted at each row, counted over the rows ever appended; only rows that may be thinned
  /// are counted.
  package private(set) var ordinals: [Int] = []

  /// A record without rows.
  public init(columns: [String]) {
    self.columns = columns
    values = columns.map { _ in [] }
  }

  /// - Parameters:
  ///   - values: a list for each of `columns`, all equally long.
  ///   - ordinals: of an earlier part of the same run, if that thins its rows.
  package init(columns: [String], values: [[Double]], ordinals: [Int] = []) {
    precondition(values.count == columns.count && values.allSatisfy { $0.count == values[0].count })
    self.columns = columns
    self.values = values
    self.ordinals = ordinals
  }

  /// How many rows every column has.
  public var rowCount: Int { values.first?.count ?? 0 }

  /// The numbers of one column; `nil` if there is no such column.
  public subscript(column: String) -> [Double]? {
    columns.firstIndex(of: column).map { values[$0] }
  }

  /// Row `i`, one number for each column.
  public func row(_ i: Int) -> [Double] { values.map { $0[i] } }

  mutating func append(_ row: [Double]) {
    for (i, value) in row.enumerated() { values[i].append(value) }
  }

  /// Appends a row of a record that never has more than `most` rows; older ones make room for it.
  ///
  /// When it is full, the steps so far are divided into equal parts, and of each part those rows stay in which the part
  /// begins or one of the first columns is least or greatest: a curve that is drawn through them misses no extreme.
  mutating func append(_ row: [Double], most: Int) {
    if rowCount >= most { thin(to: most / 2) }
    ordinals.append((ordinals.last ?? -1) + 1)
    append(row)
  }

  /// Columns, the time not among them, whose extremes stay.
  private static let mostTracked = 50

  private mutating func thin(to target: Int) {
    let tracked = max(0, min(columns.count - 1, Self.mostTracked, (target - 2) / 2))
    let parts = max(1, (target - 1) / (2 * tracked + 1))
    let length = ordinals[ordinals.count - 1] / parts + 1
    var kept: Set<Int> = [rowCount - 1]
    var first = 0
    while first < rowCount {
      let part = ordinals[first] / length
      var end = first + 1
      while end < rowCount, ordinals[end] / length == part { end += 1 }
      kept.insert(first)
      for column in values[1..<(1 + tracked)] {
        var (least, greatest) = (first, first)
        for i in first..<end {
          if column[i] < column[least] { least = i }
          if column[i] > column[greatest] { greatest = i }
        }
        kept.formUnion([least, greatest])
      }
      first = end
    }
    let rows = kept.sorted()
    for i in values.indices {
      let column = values[i]
      values[i] = rows.map { column[$0] }
    }
    let before = ordinals
    ordinals = rows.map { before[$0] }
  }
}
