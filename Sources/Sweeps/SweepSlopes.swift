import Foundation
import ODECore
import StatisticalInference
import Studies

/// A cell of the phase diagram: `S` (19) of one part of the parameters, the slope of log RD against log m over all widths
/// and seeds.
public struct SweepSlope: Sendable, Equatable, Codable {
  /// `gamma` of (14).
  public let gamma: Double
  /// `gamma'` of (14).
  public let gammaPrime: Double
  /// `b` of `beta2 = m^-b`, if the sweep has families of the original model.
  public let betaExponent: Double?
  /// The other axes, as `key=value`.
  public let others: [String]
  /// Of RD at the end of the runs: the paper's `RD(theta*)`.
  public let fit: PowerLawFit
  /// Of the supremum of RD over time, of which the theorems speak.
  public let supremumFit: PowerLawFit?
  /// Whether some of the runs reached the loss to stop at and others rest above it, on a plateau: then RD follows no one
  /// power of the width, and `S` says nothing.
  public let isMixed: Bool
}

/// The slopes of a sweep.
public struct SweepSlopes: Sendable {
  private let rows: [SweepRow]

  /// The slopes of these runs; those that did not end as they should do not count.
  public init(_ rows: [SweepRow]) { self.rows = rows.filter(\.isUsable) }

  /// `S` of one part of the parameters in every cell that has at least two widths, by family, other axes, gamma' and gamma.
  public func slopes(_ part: SweepPart) -> [SweepSlope] {
    let cells = Dictionary(grouping: rows.filter { $0.gamma != nil && $0.gammaPrime != nil }) {
      Cell(gamma: $0.gamma!, gammaPrime: $0.gammaPrime!, line: Line($0))
    }
    return cells.compactMap { cell, rows in
      guard let fit = Self.fit(rows, { $0.final(part) }) else { return nil }
      return SweepSlope(
        gamma: cell.gamma, gammaPrime: cell.gammaPrime, betaExponent: cell.line.betaExponent,
        others: cell.line.others, fit: fit,
        supremumFit: Self.fit(rows, { $0.supremum(part) }),
        isMixed: Set(rows.map { $0.result!.returnCode == ReturnCode.stopped.rawValue }).count > 1)
    }.sorted { Self.isBefore($0, $1) }
  }

  private static func fit(_ rows: [SweepRow], _ distance: (SweepResult) -> Double?) -> PowerLawFit? {
    let points = rows.compactMap { row in
      row.result.flatMap(distance).map { (x: Double(row.width), y: $0) }
    }
    return try? PowerLawFit(x: points.map(\.x), y: points.map(\.y))
  }

  private static func isBefore(_ a: SweepSlope, _ b: SweepSlope) -> Bool {
    if a.betaExponent != b.betaExponent { return (a.betaExponent ?? 0) < (b.betaExponent ?? 0) }
    if a.others != b.others { return a.others.lexicographicallyPrecedes(b.others) }
    return (a.gammaPrime, a.gamma) < (b.gammaPrime, b.gamma)
  }

  private struct Cell: Hashable {
    let gamma: Double
    let gammaPrime: Double
    let line: Line
  }

  private struct Line: Hashable {
    let betaExponent: Double?
    let others: [String]
    init(_ row: SweepRow) { (betaExponent, others) = (row.betaExponent, row.others) }
  }
}
