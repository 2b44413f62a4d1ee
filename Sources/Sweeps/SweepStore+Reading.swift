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
        let timing = try Timing(row: row)
        return SweepRow(run, byRun[run.id], seconds: timing.wallSeconds, threads: timing.threads)
      }
    }
  }

  /// The recorded curves of a run, `time`, `loss` and what its observers recorded; empty if none were kept.
  public func curves(of run: Int) throws -> [String: [Double]] {
    guard let (row, columns) = try columns("SELECT columns, data FROM curve WHERE run = ?", [run]) else {
      return [:]
    }
    return try StoreDamage.naming(folder) {
      let names = try row.decode(String.self, forColumn: "columns").split(separator: ",").map(String.init)
      guard names.count == columns.count, names.firstRepeated == nil else {
        throw StoreProblem(
          description: "the curve of run \(run) has \(columns.count) columns, named \(names)")
      }
      return Dictionary(uniqueKeysWithValues: zip(names, columns))
    }
  }

  /// The neurons of a run before or after training; `nil` if they were not kept.
  public func neurons(of run: Int, final: Bool) throws -> NeuronScatter? {
    let sql = "SELECT total, data FROM neurons WHERE run = ? AND moment = ?"
    guard let (row, columns) = try columns(sql, [run, final ? "final" : "initial"], 2) else { return nil }
    let total = try StoreDamage.naming(folder) { try row.decode(Int.self, forColumn: "total") }
    return NeuronScatter(orientation: columns[0], amplitude: columns[1], total: total)
  }

  /// The learned function on a grid around the data; `nil` if it was not kept.
  public func fit(of run: Int) throws -> (x: [Double], f: [Double])? {
    guard let (_, columns) = try columns("SELECT data FROM fit WHERE run = ?", [run], 2) else { return nil }
    return (columns[0], columns[1])
  }

  /// The state at the end, `[m, d + 1]`, rows `a, w_1, ..., w_d`; `nil` if it was not kept.
  public func weights(of run: Int) throws -> NumPyFile? {
    try blob("SELECT data FROM weights WHERE run = ?", [run])?.1
  }

  private func blob(_ sql: String, _ arguments: StatementArguments) throws -> (Row, NumPyFile)? {
    try read { db in
      guard let row = try Row.fetchOne(db, sql: sql, arguments: arguments) else { return nil }
      return (row, try NumPyFile(data: row.decode(Data.self, forColumn: "data")))
    }
  }

  /// An array without rows may claim any number of columns.
  private static let mostColumns = 1 << 16

  /// The columns of a matrix, `count` of them if that is given.
  private func columns(
    _ sql: String, _ arguments: StatementArguments, _ count: Int? = nil
  ) throws -> (Row, [[Double]])? {
    guard let (row, array) = try blob(sql, arguments) else { return nil }
    let shape = array.shape
    guard shape.count == 2, shape[1] == count ?? shape[1], shape[1] <= Self.mostColumns else {
      return try StoreDamage.naming(folder) {
        throw StoreProblem(description: "an array has the shape \(shape)")
      }
    }
    return (row, (0..<shape[1]).map { j in (0..<shape[0]).map { array.values[$0 * shape[1] + j] } })
  }
}

/// What a row of `run` joined with `timing` says of the time.
private struct Timing: Decodable, FetchableRecord {
  let wallSeconds: Double?
  let threads: Int?

  enum CodingKeys: String, CodingKey {
    case wallSeconds = "wall_seconds"
    case threads
  }
}
