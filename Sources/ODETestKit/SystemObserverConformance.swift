import GradientFlow
import ODECore
import PluginKit

/// What every ``/PluginKit/SystemObserver`` must do, tested on three made-up states of a given system.
public enum SystemObserverConformance {
  /// Shows fresh observers from `make` the same short run, unbroken, again, and resumed from
  /// ``/PluginKit/SystemObserver/memory`` in the middle, and compares what they say.
  ///
  /// - Returns: each violation as a sentence.
  /// - Throws: what `make` or the observer throws.
  public static func violations(
    on model: SystemModel, _ make: () throws -> any SystemObserver
  ) throws -> [String] {
    var violations: [String] = []
    let first = try make()
    let columns = first.columns
    if Set(columns).count < columns.count { violations.append("two of the columns \(columns) are the same") }
    let unbroken = try account(first, model, resumed: nil)
    for row in unbroken.rows where row.count != columns.count {
      violations.append("record gave \(row.count) values for \(columns.count) columns")
    }
    for row in unbroken.rows {
      for (column, value) in zip(columns, row) where value.isNaN {
        violations.append("record leaves column '\(column)' NaN for a finite state")
      }
    }
    if unbroken.changedState { violations.append("it changes the state that it only should look at") }
    let again = try account(make(), model, resumed: nil)
    if again.text != unbroken.text { violations.append("two observers that saw the same run differ") }
    let resumed = try account(make(), model, resumed: unbroken.memory)
    if "\(resumed.results)" != "\(unbroken.results)" || resumed.rows.last != unbroken.rows.last {
      violations.append(
        "after a resumption from memory \(unbroken.memory) it says other than in an unbroken run")
    }
    return violations
  }

  private struct Account {
    var rows: [[Double]] = []
    var results: [(key: String, value: ObservedValue)] = []
    var memory: [Double] = []
    var changedState = false
    var text: String { "\(rows) \(results)" }
  }

  /// A start and two steps; with `resumed` the first step is left out, as after a resumption there.
  private static func account(
    _ observer: any SystemObserver, _ model: SystemModel, resumed: [Double]?
  ) throws -> Account {
    let states = [1, 1.5, 0.75].map { factor in
      StateVector(model.initialState.map { ($0 + 0.125) * factor })
    }
    let before = states.map { $0.array.map(\.bitPattern) }
    var account = Account()
    func show<R>(
      _ i: Int, previousTime: Double, _ body: (SystemPoint) throws -> R
    ) throws -> R {
      try states[i].withSpan {
        try SystemPoint.with(model, Double(i), $0, previousTime: previousTime, body)
      }
    }
    try show(0, previousTime: 0) {
      try observer.begin($0)
      if let resumed { observer.memory = resumed } else { account.rows.append(try observer.record($0)) }
    }
    for i in 1...2 where resumed == nil || i == 2 {
      try show(i, previousTime: Double(i - 1)) {
        if observer.watchesSteps { try observer.step($0) }
        account.rows.append(try observer.record($0))
      }
      if i == 1 { account.memory = observer.memory }
    }
    account.results = try show(2, previousTime: 2) {
      try observer.finish($0).sorted { $0.key < $1.key }
    }
    account.changedState = states.map { $0.array.map(\.bitPattern) } != before
    return account
  }
}
