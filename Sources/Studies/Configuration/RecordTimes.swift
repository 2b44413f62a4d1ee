import Foundation
import ODECore

/// When rows are recorded, as a user writes it: `geometric:PER_DECADE`, `linear:SPACING`, `steps`
/// (every accepted step), `endpoints` or `times:T1,T2,...`. First and last are always recorded.
enum RecordTimes {
  /// - Parameter rate: the fastest rate of the flow at its start; a geometric grid begins at about a
  ///   hundredth of its inverse.
  static func parse(_ text: String, rate: Double) throws -> SaveTimes {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let argument = parts.count == 2 ? parts[1] : nil
    switch (parts.first, argument) {
    case ("steps", nil): return .everyStep
    case ("endpoints", nil): return .endpoints
    case ("geometric", let argument):
      if let perDecade = Int(argument ?? "20"), (1...10_000).contains(perDecade) {
        let first = rate > 0 ? pow(10, (log10(0.01 / rate)).rounded(.down)) : 1e-3
        return .geometric(first: first, perDecade: perDecade)
      }
    case ("linear", let argument?):
      if let spacing = Double(argument), spacing > 0, spacing.isFinite {
        return .linear(spacing: spacing)
      }
    case ("times", let argument?):
      let times = argument.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) }
      if !times.isEmpty, times.allSatisfy({ ($0 ?? -1) > 0 }) {
        return .list(times.map { $0! }.sorted())
      }
    default: break
    }
    throw UsageError(
      "record is '\(text)'; it must be geometric:PER_DECADE, linear:SPACING, steps, endpoints or times:T1,T2,..."
    )
  }
}

extension RunConfiguration {
  /// - Throws: ``UsageError`` if a time to record lies beyond the end that the user gave.
  func checkRecordTimes() throws {
    guard let tEnd, case .list(let times) = try RecordTimes.parse(record, rate: 1),
      let late = times.first(where: { $0 > tEnd })
    else { return }
    throw UsageError("record asks for t = \(late), but the run ends at t-end = \(tEnd)")
  }
}
