extension Samples {
  /// The number of classes if targets are labels 0, 1, 2, ...: one more than the largest. `nil` if some target is no such
  /// number, if there is more than one for each input, or if they are more than a million.
  public var classCount: Int? {
    guard outputCount == 1 else { return nil }
    var largest = 0.0
    for y in targets {
      guard y >= 0, y < 1e6, y == y.rounded() else { return nil }
      largest = max(largest, y)
    }
    return Int(largest) + 1
  }

  /// The same inputs with one output for each of `classes`: 1 for the label's own, 0 for the others. Targets must be labels below
  /// `classes`, see ``classCount``.
  public func oneHot(classes c: Int) -> Samples {
    precondition(classCount.map { $0 <= c } ?? false, "targets are no labels below \(c)")
    var rows = [Double](repeating: 0, count: targets.count * c)
    for (i, y) in targets.enumerated() { rows[i * c + Int(y)] = 1 }
    return Samples(inputs: inputs, targets: rows, outputCount: c)
  }

  /// The share of samples that outputs `f` classify rightly: by the largest output of several; of a single one by its sign for targets -1
  /// and 1, by the nearest whole number for other labels. `nil` for targets that are no classes.
  public func accuracy(of f: [Double]) -> Double? {
    precondition(f.count == targets.count)
    let (n, c) = (sampleCount, outputCount)
    let isRight: (Int) -> Bool
    if c > 1 {
      func largest(_ values: [Double], _ i: Int) -> Int {
        (0..<c).reduce(0) { values[i * c + $1] > values[i * c + $0] ? $1 : $0 }
      }
      isRight = { largest(f, $0) == largest(self.targets, $0) }
    } else if targets.allSatisfy({ abs($0) == 1 }) {
      isRight = { f[$0] * self.targets[$0] > 0 }
    } else if classCount != nil {
      isRight = { f[$0].rounded() == self.targets[$0] }
    } else {
      return nil
    }
    return Double((0..<n).count(where: isRight)) / Double(n)
  }
}
