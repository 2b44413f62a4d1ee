import Foundation
import GRDB
import ODECore
import Studies

/// A row of `run`.
struct RunRecord: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "run"
  static let databaseColumnEncodingStrategy = DatabaseColumnEncodingStrategy.convertToSnakeCase
  static let databaseColumnDecodingStrategy = DatabaseColumnDecodingStrategy.convertFromSnakeCase

  let id: Int
  let gamma: Double?
  let gammaPrime: Double?
  let width: Int
  let seed: Int
  let beta2Exponent: Double?
  let others: String
  let checks: Int?
  let configuration: String
  let cost: Double

  enum CodingKeys: String, CodingKey {
    case id, gamma, gammaPrime, width, seed
    case beta2Exponent = "beta2_exponent"
    case others, checks, configuration, cost
  }

  init(_ run: SweepRun) throws {
    id = run.id
    gamma = run.gamma
    gammaPrime = run.gammaPrime
    width = run.width
    seed = Int(run.seed)
    beta2Exponent = run.betaExponent
    others = run.others.joined(separator: "\n")
    checks = run.checks
    configuration = try run.configuration.yaml
    cost = run.cost
  }
}

/// A row of `result`.
struct ResultRecord: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "result"
  static let databaseColumnEncodingStrategy = DatabaseColumnEncodingStrategy.convertToSnakeCase
  static let databaseColumnDecodingStrategy = DatabaseColumnDecodingStrategy.convertFromSnakeCase

  let run: Int
  let returnCode: String
  let message: String
  let program: String
  var integrator: String?
  var kappa: Double?
  var kappaPrime: Double?
  var time: Double?
  var loss: Double?
  var initialLoss: Double?
  var rdW: Double?
  var rdA: Double?
  var rdTheta: Double?
  var supW: Double?
  var supA: Double?
  var supTheta: Double?
  var nfev: Int?
  var accepted: Int?
  var rejected: Int?
  /// JSON, as in `summary.json`.
  var observers = "{}"
  /// JSON, without the seconds, which are in `timing`.
  var statistics = "{}"

  /// What a run came to.
  init(_ run: Int, _ summary: RunSummary) throws {
    self.run = run
    returnCode = summary.returnCode.rawValue
    message = summary.message
    program = phaseFlowVersion
    integrator = summary.integratorChoice.map { "\(summary.integrator): \($0)" } ?? summary.integrator
    let network = summary.network
    (kappa, kappaPrime) = (network?.kappa, network?.kappaPrime)
    (time, loss, initialLoss) = (summary.time, network?.loss, network?.initialLoss)
    let distances = summary.observers["relative-distance"] ?? [:]
    (rdW, rdA, rdTheta) = (distances["w"]?.number, distances["a"]?.number, distances["theta"]?.number)
    (supW, supA, supTheta) = (
      distances["supW"]?.number, distances["supA"]?.number, distances["supTheta"]?.number
    )
    nfev = summary.statistics.nfev
    accepted = summary.statistics.accepted
    rejected = summary.statistics.rejected
    observers = try JSONText.compact(summary.observers)
    var counts = try JSONDecoder().decode(
      [String: Double].self, from: JSONEncoder().encode(summary.statistics))
    counts["wallSeconds"] = nil
    statistics = try JSONText.compact(counts)
  }

  /// A run that could not even be made.
  init(_ run: Int, failure: String) {
    self.run = run
    returnCode = ReturnCode.initialFailure.rawValue
    message = failure
    program = phaseFlowVersion
  }
}
