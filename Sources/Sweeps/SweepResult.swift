import Foundation
import GRDB
import GradientFlow
import ODECore
import Studies

/// What a run came to: a row of the table `result`.
public struct SweepResult: Codable, Sendable, Equatable {
  /// The run's number.
  public let run: Int
  /// How the run ended.
  public var returnCode: String
  /// The same in a sentence.
  public var message = ""
  /// The program's version.
  public var program = phaseFlowVersion
  /// The method that was used; with `auto`, the one that it chose.
  public var integrator: String?
  /// The energetic scaling (8).
  public var kappa: Double?
  /// The dynamical scaling (8).
  public var kappaPrime: Double?
  /// The last time, that of the normalised model.
  public var time: Double?
  /// `R` at the end.
  public var loss: Double?
  /// `R` at the start.
  public var initialLoss: Double?
  /// RD (16) of `theta_w`, `theta_a`, `theta` at the end; `nil` if the observer `relative-distance` was not there.
  public var rdW: Double?
  /// RD (16) of the output weights at the end.
  public var rdA: Double?
  /// RD (16) of all parameters at the end.
  public var rdTheta: Double?
  /// Their suprema over time.
  public var supW: Double?
  /// The largest RD of the output weights over the steps.
  public var supA: Double?
  /// The largest RD of all parameters over the steps.
  public var supTheta: Double?
  /// Evaluations of the right-hand side.
  public var nfev: Int?
  /// Accepted steps.
  public var accepted: Int?
  /// Step attempts that were thrown away.
  public var rejected: Int?
  /// JSON, as in `summary.json`.
  public var observers = "{}"
  /// JSON, without the seconds, which are in `timing`.
  public var statistics = "{}"

  /// Whether the run ended as it should.
  public var isSuccess: Bool { ReturnCode(rawValue: returnCode)?.isSuccess == true }

  /// RD (16) of one part of the parameters at the end.
  public func final(_ part: SweepPart) -> Double? {
    switch part {
    case .w: rdW
    case .a: rdA
    case .theta: rdTheta
    case .layer(let l): Self.element(l, of: layers)
    }
  }

  /// Its supremum over time.
  public func supremum(_ part: SweepPart) -> Double? {
    switch part {
    case .w: supW
    case .a: supA
    case .theta: supTheta
    case .layer(let l): Self.element(l, of: suprema)
    }
  }

  /// RD of each layer at the end, of a network of any depth.
  var layers: [Double]? { observed("relative-distance", "layers")?.numbers }
  private var suprema: [Double]? { observed("relative-distance", "supLayers")?.numbers }

  /// The effective number of directions at the end; `nil` if the observer `condensation` was not there.
  var directions: Double? { observed("condensation", "directions")?.number }
  /// The number of clusters of directions at the end.
  var clusters: Double? { observed("condensation", "clusters")?.number }

  private func observed(_ observer: String, _ key: String) -> StoredNumbers? {
    let all = try? JSONDecoder().decode([String: [String: StoredNumbers]].self, from: Data(observers.utf8))
    return all?[observer]?[key]
  }

  private static func element(_ l: Int, of values: [Double]?) -> Double? {
    values.flatMap { $0.indices.contains(l - 1) ? $0[l - 1] : nil }
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
    let (network, deep) = (summary.network, summary.deep)
    (kappa, kappaPrime) = (network?.kappa ?? deep?.kappa, network?.kappaPrime)
    time = summary.time
    (loss, initialLoss) = (network?.loss ?? deep?.loss, network?.initialLoss ?? deep?.initialLoss)
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

/// A value of an observer as ``SweepResult/observers`` has it, as far as it is numbers.
private struct StoredNumbers: Decodable {
  let number: Double?
  /// Not finite ones are NaN.
  let numbers: [Double]?

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    number = try? value.decode(Double.self)
    numbers = (try? value.decode([Double?].self))?.map { $0 ?? .nan }
  }
}
