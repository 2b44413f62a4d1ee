import Foundation

/// How far a sample of runs is from the same runs at a tighter tolerance.
public struct SweepAccuracy: Sendable, Equatable, Encodable {
  /// How many runs were done twice.
  public let count: Int
  /// `|RD - RD_tight| / RD_tight` at the end, over all parts of the parameters; of the input weights alone where only that is asked.
  public let largestW: Double
  /// The median of the errors of which ``largestW`` is the largest.
  public let medianW: Double
  /// The largest error over all parts of the parameters.
  public let largest: Double
  /// The run of ``largestW``.
  public let worstRun: Int
  /// The input weights, or the first layer.
  let part: SweepPart

  /// `nil` if no pair is complete.
  public init?(_ rows: [SweepRow]) {
    let byID = Dictionary(uniqueKeysWithValues: rows.map { ($0.id, $0) })
    let parts = SweepPart.all(rows.filter { $0.result != nil })
    let leading = SweepPart.leading(parts)
    let pairs = rows.compactMap { check -> (run: Int, errors: [SweepPart: Double])? in
      guard let id = check.checks, let loose = byID[id]?.result, let tight = check.result, loose.isSuccess,
        tight.isSuccess
      else { return nil }
      let errors = parts.compactMap { part -> (SweepPart, Double)? in
        guard let value = tight.final(part), let rough = loose.final(part) else { return nil }
        return (part, value == rough ? 0 : abs(rough - value) / abs(value))
      }
      return errors.isEmpty ? nil : (id, Dictionary(uniqueKeysWithValues: errors))
    }
    let w = pairs.compactMap { pair in pair.errors[leading].map { (pair.run, $0) } }.sorted { $0.1 < $1.1 }
    guard let worst = w.last else { return nil }
    count = w.count
    part = leading
    (worstRun, largestW) = worst
    medianW = w[w.count / 2].1
    largest = pairs.flatMap(\.errors.values).max() ?? 0
  }

  var text: String {
    String(
      format:
        "%d runs done again at a tighter tolerance: RD_%@ off by %.1e at most (run %d), %.1e in the median",
      count, part.name, largestW, worstRun, medianW)
  }

  private enum CodingKeys: String, CodingKey { case count, largestW, medianW, largest, worstRun }
}
