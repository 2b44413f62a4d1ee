import Files
import Foundation
import GradientFlow
import ODECore
import Studies

/// The runs of a validation that is under way, one file each, so that one that was stopped does none of them twice.
///
/// A file is a binary property list: it keeps every bit of a number, and those that are not finite.
struct RunStorage: Sendable {
  let folder: URL

  /// `nil` if the run has not been done, or if what is there cannot be read: then it is done again.
  func read(_ configuration: RunConfiguration) -> TrainingRun? {
    guard let place = try? place(of: configuration), let data = try? AtomicFile.read(place) else {
      return nil
    }
    return try? PropertyListDecoder().decode(TrainingRun.self, from: data)
  }

  /// - Throws: `AtomicFileError`.
  func write(_ run: TrainingRun, of configuration: RunConfiguration) throws {
    let encoder = PropertyListEncoder()
    encoder.outputFormat = .binary
    try AtomicFile.write(encoder.encode(run), to: place(of: configuration))
  }

  private func place(of configuration: RunConfiguration) throws -> URL {
    let text = Array(try configuration.yaml.utf8)
    return folder.appending(path: text.withUnsafeBytes(Digest.sha256) + ".run")
  }
}

extension TrainingRun: Codable {
  private enum CodingKeys: String, CodingKey {
    case returnCode, observers, width, kappa, kappaPrime, initialLoss, loss, columns, values, tables, state,
      startNorms
  }

  /// Of ``/ODECore/ObservedValue`` and ``/ODECore/ObservedTable``.
  private enum StoredValue: Codable {
    case number(Double)
    case integer(Int)
    case text(String)
    case flag(Bool)
    case numbers([Double])

    init(_ value: ObservedValue) {
      self =
        switch value {
        case .number(let x): .number(x)
        case .integer(let x): .integer(x)
        case .text(let x): .text(x)
        case .flag(let x): .flag(x)
        case .numbers(let x): .numbers(x)
        }
    }

    var value: ObservedValue {
      switch self {
      case .number(let x): .number(x)
      case .integer(let x): .integer(x)
      case .text(let x): .text(x)
      case .flag(let x): .flag(x)
      case .numbers(let x): .numbers(x)
      }
    }
  }

  private struct StoredTable: Codable {
    let name: String
    let columns: [String]
    let rows: [[Double]]
  }

  public init(from decoder: any Decoder) throws {
    let c = try decoder.container(keyedBy: CodingKeys.self)
    returnCode = try c.decode(ReturnCode.self, forKey: .returnCode)
    observers = try c.decode([String: [String: StoredValue]].self, forKey: .observers).mapValues {
      $0.mapValues(\.value)
    }
    network = Numbers(
      width: try c.decode(Int.self, forKey: .width), kappa: try c.decode(Double.self, forKey: .kappa),
      kappaPrime: try c.decode(Double.self, forKey: .kappaPrime),
      initialLoss: try c.decode(Double.self, forKey: .initialLoss),
      loss: try c.decode(Double.self, forKey: .loss))
    scaling = try Scaling(kappa: network.kappa, kappaPrime: network.kappaPrime)
    let (columns, values) = (
      try c.decode([String].self, forKey: .columns), try c.decode([[Double]].self, forKey: .values)
    )
    guard values.count == columns.count, values.allSatisfy({ $0.count == values[0].count }) else {
      throw DecodingError.dataCorruptedError(
        forKey: .values, in: c, debugDescription: "columns differ in length")
    }
    record = Record(columns: columns, values: values)
    tables = try c.decode([String: StoredTable].self, forKey: .tables).mapValues {
      ObservedTable(name: $0.name, columns: $0.columns, rows: $0.rows)
    }
    state = try c.decode([Double].self, forKey: .state)
    let norms = try c.decode([String: Double].self, forKey: .startNorms)
    startNorms = Dictionary(
      uniqueKeysWithValues: try ParameterPart.allCases.map { part in
        guard let norm = norms[part.rawValue] else {
          throw DecodingError.dataCorruptedError(
            forKey: .startNorms, in: c, debugDescription: "\(part) is missing")
        }
        return (part, norm)
      })
  }

  public func encode(to encoder: any Encoder) throws {
    var c = encoder.container(keyedBy: CodingKeys.self)
    try c.encode(returnCode, forKey: .returnCode)
    try c.encode(observers.mapValues { $0.mapValues(StoredValue.init) }, forKey: .observers)
    try c.encode(network.width, forKey: .width)
    try c.encode(network.kappa, forKey: .kappa)
    try c.encode(network.kappaPrime, forKey: .kappaPrime)
    try c.encode(network.initialLoss, forKey: .initialLoss)
    try c.encode(network.loss, forKey: .loss)
    try c.encode(record.columns, forKey: .columns)
    try c.encode(record.values, forKey: .values)
    try c.encode(
      tables.mapValues { StoredTable(name: $0.name, columns: $0.columns, rows: $0.rows) }, forKey: .tables)
    try c.encode(state, forKey: .state)
    try c.encode(
      Dictionary(uniqueKeysWithValues: startNorms.map { ($0.rawValue, $1) }), forKey: .startNorms)
  }
}
