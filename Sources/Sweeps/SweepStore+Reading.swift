import Files
import Foundation
import GRDB
import GradientFlow
import ODECore
import Studies

/// One run of a store, with its result if it is done.
public struct SweepRow: Sendable, Equatable {
  public let id: Int
  public let gamma: Double?
  public let gammaPrime: Double?
  /// `m` of (14).
  public let width: Int
  public let seed: Int
  public let betaExponent: Double?
  /// The other axes, as `key=value`.
  public let others: [String]
  /// The run that this one checks at a tighter tolerance; such runs are no part of the scan itself.
  public let checks: Int?
  /// The YAML file with which `phaseflow run` does this run.
  public let configuration: String
  /// The work; only ratios mean anything.
  public let cost: Double
  public let result: SweepResult?

  /// Whether the run is part of the scan and ended where it was meant to.
  public var isUsable: Bool { checks == nil && result?.isSuccess == true }
}

/// What a run came to.
public struct SweepResult: Sendable, Equatable {
  public let returnCode: String
  public let message: String
  public let program: String
  public let integrator: String?
  public let kappa: Double?
  public let kappaPrime: Double?
  public let time: Double?
  public let loss: Double?
  public let initialLoss: Double?
  /// RD (16) of `theta_w`, `theta_a`, `theta` at the end, and their suprema over time; `nil` if the observer
  /// `relative-distance` was not there.
  public let final: [ParameterPart: Double]
  public let supremum: [ParameterPart: Double]
  public let nfev: Int?
  public let accepted: Int?
  public let rejected: Int?
  /// JSON objects.
  public let observers: String
  public let statistics: String
  /// From making the run to its result.
  public let wallSeconds: Double?
  /// The same on all threads together.
  public let coreSeconds: Double?

  public var isSuccess: Bool { ReturnCode(rawValue: returnCode)?.isSuccess == true }

  /// The effective number of directions at the end; `nil` if the observer `condensation` was not there.
  var directions: Double? {
    let values = try? JSONSerialization.jsonObject(with: Data(observers.utf8)) as? [String: Any]
    return (values?["condensation"] as? [String: Any])?["directions"] as? Double
  }
}

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
  public func rows() throws -> [SweepRow] {
    try pool.read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT run.*, result.*, timing.wall_seconds, timing.threads FROM run
          LEFT JOIN result ON result.run = run.id LEFT JOIN timing ON timing.run = run.id ORDER BY run.id
          """
      ).map(SweepRow.init)
    }
  }

  /// One run.
  ///
  /// - Throws: `UsageError` if there is none with this number.
  public func row(_ id: Int) throws -> SweepRow {
    guard let row = try rows().first(where: { $0.id == id }) else {
      throw UsageError(
        "there is no run \(id) in '\(folder.relativePath)'; 'phaseflow sweep export' lists them")
    }
    return row
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
    guard let row = try pool.read({ try Row.fetchOne($0, sql: sql, arguments: arguments) }) else {
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

extension SweepRow {
  fileprivate init(_ row: Row) {
    id = row["id"]
    gamma = row["gamma"]
    gammaPrime = row["gamma_prime"]
    width = row["width"]
    seed = row["seed"]
    betaExponent = row["beta2_exponent"]
    others = (row["others"] as String).split(separator: "\n").map(String.init)
    checks = row["checks"]
    configuration = row["configuration"]
    cost = row["cost"]
    result = row["return_code"] == nil ? nil : SweepResult(row)
  }
}

extension SweepResult {
  fileprivate init(_ row: Row) {
    returnCode = row["return_code"]
    message = row["message"]
    program = row["program"]
    integrator = row["integrator"]
    kappa = row["kappa"]
    kappaPrime = row["kappa_prime"]
    time = row["time"]
    loss = row["loss"]
    initialLoss = row["initial_loss"]
    func distances(_ prefix: String) -> [ParameterPart: Double] {
      Dictionary(
        uniqueKeysWithValues: ParameterPart.allCases.compactMap { part in
          (row["\(prefix)_\(part)"] as Double?).map { (part, $0) }
        })
    }
    final = distances("rd")
    supremum = distances("sup")
    nfev = row["nfev"]
    accepted = row["accepted"]
    rejected = row["rejected"]
    observers = row["observers"]
    statistics = row["statistics"]
    let seconds: Double? = row["wall_seconds"]
    wallSeconds = seconds
    coreSeconds = seconds.map { $0 * Double((row["threads"] as Int?) ?? 1) }
  }
}
