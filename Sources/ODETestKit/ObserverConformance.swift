import ODECore

/// What every ``/ODECore/Observer`` must do, tested on three made-up states of a given problem.
///
/// An observer's author calls this in a test and expects no violations:
///
/// ```swift
/// #expect(try ObserverConformance.violations(on: problem) { Peak() } == [])
/// ```
public enum ObserverConformance {
  /// Shows fresh observers from `make` the same short run, once unbroken, once again, and once resumed
  /// from ``/ODECore/Observer/memory`` in the middle, and compares what they say.
  ///
  /// - Returns: each violation as a sentence.
  /// - Throws: what `make` or the observer throws.
  public static func violations(
    on problem: ODEProblem, _ make: () throws -> any Observer
  ) throws -> [String] {
    var violations: [String] = []
    let first = try make()
    if let reason = first.refusal(of: problem) { return ["it refuses this problem: \(reason)"] }
    let columns = first.columns
    if Set(columns).count < columns.count { violations.append("two of the columns \(columns) are the same") }
    let unbroken = try Account(first, problem, resumed: nil)
    if unbroken.changedState { violations.append("it changes the state that it only should look at") }
    for row in unbroken.rows where row.count != columns.count {
      violations.append("record gave \(row.count) values for \(columns.count) columns")
    }
    for (i, row) in unbroken.rows.enumerated() {
      for (column, value) in zip(columns, row) where value.isNaN {
        violations.append("record \(i) leaves column '\(column)' NaN for a finite state")
      }
    }
    let again = try Account(make(), problem, resumed: nil)
    if !again.agrees(with: unbroken) {
      violations.append("two observers that saw the same run differ: \(unbroken) and \(again)")
    }
    let resumed = try Account(make(), problem, resumed: unbroken.memory)
    if !resumed.agrees(with: unbroken.tail) {
      violations.append(
        "after a resumption from memory \(unbroken.memory) it says other than in an unbroken run: \(resumed) and \(unbroken.tail)"
      )
    }
    return violations
  }
}

/// What an observer said in a run of a start and two steps.
private struct Account: CustomStringConvertible {
  var rows: [[Double]] = []
  var results: [String: ObservedValue] = [:]
  /// After the first step.
  var memory: [Double] = []
  /// Whether a state is no longer what it was.
  var changedState = false

  /// With `resumed`, what is recorded up to the first step is left out, as after a resumption there.
  init(_ observer: any Observer, _ problem: ODEProblem, resumed: [Double]?) throws {
    let moment = Moment(problem)
    let states = (0..<3).map { StateVector(madeUpState(problem.system.dimension, $0)) }
    func show<R>(_ i: Int, after previous: Int, _ body: (Moment) throws -> R) throws -> R {
      try states[i].withSpan {
        try moment.show(Double(i), $0, previousTime: Double(previous), body)
      }
    }
    try show(0, after: 0) {
      try observer.begin($0)
      if let resumed { observer.memory = resumed } else { rows.append(try observer.record($0)) }
    }
    for i in 1...2 where resumed == nil || i == 2 {
      try show(i, after: i - 1) {
        if observer.watchesSteps { try observer.step($0) }
        rows.append(try observer.record($0))
      }
      if i == 1 { memory = observer.memory }
    }
    results = try show(2, after: 2) { try observer.finish($0) }
    changedState =
      states.map(\.array) != (0..<3).map { madeUpState(problem.system.dimension, $0) }
  }

  /// What a run resumed after the first step should say.
  var tail: Account {
    var tail = self
    tail.rows.removeFirst(2)
    return tail
  }

  /// NaN agrees with NaN; everything else must be the same bits.
  func agrees(with other: Account) -> Bool {
    let sameRows = rows.map { $0.map(\.bitPattern) } == other.rows.map { $0.map(\.bitPattern) }
    return sameRows && results.keys == other.results.keys
      && results.allSatisfy { key, value in "\(value)" == "\(other.results[key]!)" }
  }

  var description: String { "rows \(rows), results \(results)" }
}

/// Numbers of both signs, none zero, the largest at the first step.
private func madeUpState(_ length: Int, _ i: Int) -> [Double] {
  (0..<length).map { j in
    let unit = Double((j * 7 + i * 3) % 11) - 5.25
    return unit * [0.3, 0.9, 0.5][i]
  }
}
