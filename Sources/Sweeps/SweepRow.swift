import GRDB
import Studies

/// One run of a store, with its result if it is done.
public struct SweepRow: Sendable, Equatable {
  /// The run's number, from 1.
  public let id: Int
  /// `gamma` of (14); `nil` where another scaling is given.
  public let gamma: Double?
  /// `gamma'` of (14); `nil` where another scaling is given.
  public let gammaPrime: Double?
  /// `m` of (14).
  public let width: Int
  /// Of the random start.
  public let seed: Int
  /// `b` of `beta2 = m^-b`.
  public let betaExponent: Double?
  /// The other axes, as `key=value`.
  public let others: [String]
  /// The run that this one checks at a tighter tolerance; such runs are no part of the scan itself.
  public let checks: Int?
  /// The YAML file with which `phaseflow run` does this run.
  public let configuration: String
  /// The work; only ratios mean anything.
  public let cost: Double
  /// `nil` as long as the run is not done.
  public var result: SweepResult?
  /// From making the run to its result.
  public var wallSeconds: Double?
  /// The same on all threads together.
  public var coreSeconds: Double?

  /// Whether the run is part of the scan and ended where it was meant to.
  public var isUsable: Bool { checks == nil && result?.isSuccess == true }
}

/// A row of the table `run`.
struct PlannedRun: Codable, FetchableRecord, PersistableRecord {
  static let databaseTableName = "run"

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
    case id, gamma
    case gammaPrime = "gamma_prime"
    case width, seed
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

extension SweepRow {
  init(_ run: PlannedRun, _ result: SweepResult?, seconds: Double?, threads: Int?) {
    self.init(
      id: run.id, gamma: run.gamma, gammaPrime: run.gammaPrime, width: run.width, seed: run.seed,
      betaExponent: run.beta2Exponent, others: run.others.split(separator: "\n").map(String.init),
      checks: run.checks, configuration: run.configuration, cost: run.cost, result: result,
      wallSeconds: seconds,
      coreSeconds: seconds.map { $0 * Double(threads ?? 1) })
  }
}
