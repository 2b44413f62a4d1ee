import Files
import Foundation
import GRDB
import GradientFlow
import ODECore
import Studies

/// Orientation and amplitude of neurons.
public struct NeuronScatter: Sendable, Equatable {
  /// The angle of `w_k` in radians for `d = 2`, else its projection on `1/sqrt(d)`.
  public let orientation: [Double]
  /// `A_k = |a_k| |w_k|`.
  public let amplitude: [Double]
  /// How many neurons the network has, of which these are some.
  public let total: Int
}

extension SweepStore {
  /// All runs in order.
  public func rows() throws -> [SweepRow] { try rows("", []) }

  /// One run.
  ///
  /// - Throws: `UsageError` if there is none with this number.
  public func row(_ id: Int) throws -> SweepRow {
    guard let row = try rows("WHERE run.id = ?", [id]).first else {
      throw UsageError(
        "there is no run \(id) in '\(folder.relativePath)'; 'phaseflow sweep export' lists them")
    }
    return row
  }

  private func rows(_ condition: String, _ arguments: StatementArguments) throws -> [SweepRow] {
    try read { db in
      let results = try SweepResult.fetchAll(db)
      let byRun = Dictionary(results.map { ($0.run, $0) }, uniquingKeysWith: { $1 })
      return try Row.fetchAll(
        db,
        sql: """
          SELECT run.*, timing.wall_seconds, timing.threads FROM run
          LEFT JOIN timing ON timing.run = run.id \(condition) ORDER BY run.id
          """, arguments: arguments
      ).map { row in
        let run = try PlannedRun(row: row)
        return SweepRow(run, byRun[run.id], seconds: row["wall_seconds"], threads: row["threads"])
      }
    }
  }

  /// The recorded curves of a run, `time`, `loss` and what its observers recorded; empty if none were kept.
  public func curves(of run: Int) throws -> [String: [Double]] {
    guard let (row, array) = try blob("SELECT columns, data FROM curve WHERE run = ?", [run]) else {
      return [:]
    }
    let names = (row["columns"] as String).split(separator: ",").map(String.init)
    return Dictionary(uniqueKeysWithValues: zip(names, array.columns))
  }

  /// The neurons of a run before or after training; `nil` if they were not kept.
  public func neurons(of run: Int, final: Bool) throws -> NeuronScatter? {
    let sql = "SELECT total, data FROM neurons WHERE run = ? AND moment = ?"
    guard let (row, array) = try blob(sql, [run, final ? "final" : "initial"]) else { return nil }
    return NeuronScatter(orientation: array.columns[0], amplitude: array.columns[1], total: row["total"])
  }

  /// The learned function on a grid around the data; `nil` if it was not kept.
  public func fit(of run: Int) throws -> (x: [Double], f: [Double])? {
    guard let (_, array) = try blob("SELECT data FROM fit WHERE run = ?", [run]) else { return nil }
    return (array.columns[0], array.columns[1])
  }

  /// The state at the end, `[m, d + 1]`, rows `a, w_1, ..., w_d`; `nil` if it was not kept.
  public func weights(of run: Int) throws -> NumPyFile? {
    try blob("SELECT data FROM weights WHERE run = ?", [run])?.1
  }

  private func blob(_ sql: String, _ arguments: StatementArguments) throws -> (Row, NumPyFile)? {
    guard let row = try read({ try Row.fetchOne($0, sql: sql, arguments: arguments) }) else {
      return nil
    }
    return (row, try NumPyFile(data: row["data"]))
  }
}

extension NumPyFile {
  /// The columns of a matrix.
  fileprivate var columns: [[Double]] {
    (0..<shape[1]).map { j in (0..<shape[0]).map { values[$0 * shape[1] + j] } }
  }
}
