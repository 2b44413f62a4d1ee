/// The text of `trajectory.csv`.
enum Trajectory {
  /// The numbers by column; what is no number is NaN.
  static func columns(_ csv: String) -> [String: [Double]] {
    let lines = csv.split(separator: "\n")
    guard let header = lines.first?.split(separator: ",").map(String.init) else { return [:] }
    var columns = [[Double]](repeating: [], count: header.count)
    for line in lines.dropFirst() {
      for (i, field) in line.split(separator: ",").enumerated() where i < header.count {
        columns[i].append(Double(field) ?? .nan)
      }
    }
    return Dictionary(zip(header, columns), uniquingKeysWith: { $1 })
  }
}
