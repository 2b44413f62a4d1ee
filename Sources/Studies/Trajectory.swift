/// The table that a run records: one row for each recorded time.
public struct Trajectory: Sendable, Equatable {
  /// Names of the columns, `time` and `loss` first.
  public let names: [String]
  /// Their values; all of the same length.
  public let values: [[Double]]

  /// Reads `trajectory.csv`; what is no number becomes NaN.
  init(csv: String) {
    let lines = csv.split(separator: "\n")
    let names = lines.first?.split(separator: ",").map(String.init) ?? []
    var values = [[Double]](repeating: [], count: names.count)
    for line in lines.dropFirst() {
      for (i, field) in line.split(separator: ",").enumerated() where i < names.count {
        values[i].append(Double(field) ?? .nan)
      }
    }
    (self.names, self.values) = (names, values)
  }

  public subscript(name: String) -> [Double]? { names.firstIndex(of: name).map { values[$0] } }
}
