import Foundation
import GRDB
import GradientFlow
import ODECore
import Studies

/// What a run came to: a row of the table `result`.
public struct SweepResult: Codable, Sendable, Equatable {
  public let run: Int
  public var returnCode: String
  public var message = ""
  /// The program's version.
  public var program = phaseFlowVersion
  public var integrator: String?
  public var kappa: Double?
  public var kappaPrime: Double?
  public var time: Double?
  public var loss: Double?
  public var initialLoss: Double?
  /// RD (16) of `theta_w`, `theta_a`, `theta` at the end; `nil` if the observer `relative-distance` was not there.
  public var rdW: Double?
  public var rdA: Double?
  public var rdTheta: Double?
  /// Their suprema over time.
  public var supW: Double?
  public var supA: Double?
  public var supTheta: Double?
  public var nfev: Int?
  public var accepted: Int?
  public var rejected: Int?
  /// JSON, as in `summary.json`.
  public var observers = "{}"
  /// JSON, without the seconds, which are in `timing`.
  public var statistics = "{}"

  public var isSuccess: Bool { ReturnCode(rawValue: returnCode)?.isSuccess == true }

  /// RD (16) of one part of the parameters at the end.
  public func final(_ part: ParameterPart) -> Double? {
    switch part {
    case .w: rdW
    case .a: rdA
    case .theta: rdTheta
    }
  }

  /// Its supremum over time.
  public func supremum(_ part: ParameterPart) -> Double? {
    switch part {
    case .w: supW
    case .a: supA
    case .theta: supTheta
    }
  }

  /// The effective number of directions at the end; `nil` if the observer `condensation` was not there.
  var directions: Double? {
    let values = try? JSONSerialization.jsonObject(with: Data(observers.utf8)) as? [String: Any]
    return (values?["condensation"] as? [String: Any])?["directions"] as? Double
  }
}

extension SweepResult: FetchableRecord, PersistableRecord {
  public static let databaseTableName = "result"
  public static let databaseColumnEncodingStrategy = DatabaseColumnEncodingStrategy.convertToSnakeCase
  public static let databaseColumnDecodingStrategy = DatabaseColumnDecodingStrategy.convertFromSnakeCase

  /// In SQL: the return codes of runs that ended where they were meant to.
  static var successes: String {
    ReturnCode.allCases.filter(\.isSuccess).map { "'\($0.rawValue)'" }.joined(separator: ", ")
  }
}

extension SweepResult {
  /// What a run came to.
  init(_ run: Int, _ summary: RunSummary) throws {
    self.init(run: run, returnCode: summary.returnCode.rawValue, message: summary.message)
    integrator = summary.integratorChoice.map { "\(summary.integrator): \($0)" } ?? summary.integrator
    let network = summary.network
    (kappa, kappaPrime) = (network?.kappa, network?.kappaPrime)
    (time, loss, initialLoss) = (summary.time, network?.loss, network?.initialLoss)
    let distances = (summary.observers["relative-distance"] ?? [:]).compactMapValues(\.number)
    (rdW, rdA, rdTheta) = (distances["w"], distances["a"], distances["theta"])
    (supW, supA, supTheta) = (distances["supW"], distances["supA"], distances["supTheta"])
    let cost = summary.statistics
    (nfev, accepted, rejected) = (cost.nfev, cost.accepted, cost.rejected)
    observers = try JSONText.compact(summary.observers)
    var counts = try JSONDecoder().decode([String: Double].self, from: JSONEncoder().encode(cost))
    counts["wallSeconds"] = nil
    statistics = try JSONText.compact(counts)
  }

  /// A run that could not even be made.
  init(_ run: Int, failure: String) {
    self.init(run: run, returnCode: ReturnCode.initialFailure.rawValue, message: failure)
  }
}
