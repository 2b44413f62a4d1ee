import Foundation
import Studies

/// What a sweep came to: counts, failures, accuracy, slopes, boundary.
public struct SweepSummary: Sendable, Encodable {
  /// A run that failed.
  public struct Failure: Sendable, Encodable {
    /// Its number.
    public let run: Int
    /// How it ended.
    public let returnCode: String
    /// The same in a sentence.
    public let message: String
  }

  /// `S` and its zeros for one part of the parameters.
  public struct Phase: Sendable, Encodable {
    /// `w`, `a` or `theta`; `W1`, `W2` and so on of deep networks.
    public let parameters: String
    /// One for each cell.
    public let slopes: [SweepSlope]
    /// What scaling arguments expect of each of these; null where nothing.
    public let expected: [Double?]
    /// The zeros of `S`.
    public let boundary: [BoundaryPoint]
    /// Where they expect each zero.
    public let expectedBoundary: [Double]
  }

  /// The store's folder.
  public let folder: String
  /// `1/1` for a whole sweep.
  public let shard: String
  /// How many runs there are.
  public let total: Int
  /// How many of them are done.
  public let done: Int
  /// Those that failed.
  public let failures: [Failure]
  /// Runs that came to rest above the loss at which they were to stop.
  public let atRest: Int
  /// `nil` as long as no repeated run is done.
  public let accuracy: SweepAccuracy?
  /// `w`, `a`, `theta`; empty where there are fewer than two widths.
  public let phases: [Phase]
  /// On all cores together.
  public let coreSeconds: Double

  /// - Throws: ``StoreError``.
  public init(_ store: SweepStore) throws {
    let rows = try store.rows()
    folder = store.folder.path
    shard = store.shard
    total = rows.count
    done = rows.count { $0.result != nil }
    failures = rows.compactMap { row in
      row.result.flatMap {
        $0.isSuccess ? nil : Failure(run: row.id, returnCode: $0.returnCode, message: $0.message)
      }
    }
    // With an end of the user's own, reaching it says nothing about rest.
    let rest = store.definition.base.tEnd == nil ? ["stationary", "success"] : ["stationary"]
    atRest = rows.count { row in row.checks == nil && row.result.map { rest.contains($0.returnCode) } == true
    }
    accuracy = SweepAccuracy(rows)
    let slopes = SweepSlopes(rows)
    let theories = Dictionary(
      SweepFamily.all(rows, store.definition).map { ($0.others, $0.theory) },
      uniquingKeysWith: { first, _ in first })
    phases = SweepPart.all(rows.filter { $0.result != nil }).map { part in
      let cells = slopes.slopes(part)
      let zeros = PhaseBoundary.points(cells)
      return Phase(
        parameters: part.name, slopes: cells,
        expected: cells.map {
          theories[$0.others]!.slope(part, gamma: $0.gamma, gammaPrime: $0.gammaPrime)
        }, boundary: zeros,
        expectedBoundary: zeros.map { theories[$0.others]!.boundary(part, gammaPrime: $0.gammaPrime) })
    }.filter { !$0.slopes.isEmpty }
    coreSeconds = rows.reduce(0) { $0 + ($1.coreSeconds ?? 0) }
  }

  /// The JSON text, keys in alphabetical order.
  public var json: String {
    get throws { try JSONText.pretty(self) }
  }

  /// About a screen.
  public var text: String {
    let part = shard == "1/1" ? "" : ", shard \(shard)"
    var lines = [
      "PhaseFlow sweep: \(done) of \(total) runs done\(part), \(String(format: "%.3g", coreSeconds)) s of processor time"
    ]
    if let accuracy { lines.append("  accuracy   \(accuracy.text)") }
    if atRest > 0 {
      lines.append("  at rest    \(atRest) runs, on a plateau above the loss to stop at")
    }
    for phase in phases {
      lines += zip(phase.boundary, phase.expectedBoundary).prefix(Self.mostLines).map {
        line(phase.parameters, $0, expected: $1)
      }
      lines += omitted(phase.boundary.count)
      // Of few cells each is told, too.
      if phase.boundary.isEmpty || phase.parameters.hasPrefix("W") && phase.slopes.count <= Self.fewCells {
        lines += zip(phase.slopes, phase.expected).prefix(Self.mostLines).map {
          line(phase.parameters, $0, expected: $1)
        }
        lines += omitted(phase.slopes.count)
      }
    }
    if !failures.isEmpty {
      lines.append("  failed: \(failures.count), done again with --retry-failed")
      lines += failures.prefix(Self.mostLines).map { "    run \($0.run): \($0.returnCode), \($0.message)" }
      lines += omitted(failures.count)
    }
    return (lines + ["  results    \(folder)"]).joined(separator: "\n")
  }

  private static let mostLines = 21
  private static let fewCells = 6

  private func omitted(_ count: Int) -> [String] {
    count > Self.mostLines ? ["    and \(count - Self.mostLines) more, see --json"] : []
  }

  private func line(_ parameters: String, _ point: BoundaryPoint, expected: Double) -> String {
    String(
      format: "  S_%@ = 0 at gamma = %.3f%@ for gamma' = %g%@ (theory %.3g)", pad(parameters), point.gamma,
      point.error.map { String(format: " +- %.3f", $0) } ?? "", point.gammaPrime,
      label(point.betaExponent, point.others), expected)
  }

  private func line(_ parameters: String, _ slope: SweepSlope, expected: Double?) -> String {
    String(
      format: "  S_%@ = %+.3f%@ at gamma = %g, gamma' = %g%@%@", pad(parameters), slope.fit.exponent,
      slope.fit.exponentError.map { String(format: " +- %.3f", $0) } ?? "", slope.gamma, slope.gammaPrime,
      label(slope.betaExponent, slope.others), expected.map { String(format: " (expected %+.3f)", $0) } ?? "")
  }

  private func pad(_ name: String) -> String { name.padding(toLength: 5, withPad: " ", startingAt: 0) }

  private func label(_ betaExponent: Double?, _ others: [String]) -> String {
    ((betaExponent.map { ["beta2 = m^-\($0)"] } ?? []) + others).map { ", \($0)" }.joined()
  }
}
