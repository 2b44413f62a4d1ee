import Foundation
import ODECore
import UntrustedNumbers

/// When rows are recorded, as a user writes it: `geometric:PER_DECADE`, `linear:SPACING`, `steps` (every accepted
/// step), `steps:MOST` (as many rows at most, which still show the extremes), `endpoints` or `times:T1,T2,...`. First
/// and last are always recorded.
enum RecordTimes {
  /// Rows of a system's record, unless the user says otherwise: more than a picture or a table can show.
  static let mostRows = 4000
  /// Numbers in it: 16 MiB. With more columns there are fewer rows, but at least ``fewestRows``.
  static let mostNumbers = 1 << 21
  static let fewestRows = 8

  /// `steps:MOST` with as many rows as the numbers allow.
  static func bounded(_ text: String, columns: Int) -> String {
    guard let most = Int(text.dropFirst("steps:".count)) else { return text }
    return "steps:\(min(most, max(fewestRows, mostNumbers / columns)))"
  }

  /// - Throws: ``UsageError`` for what is no such text, or times that the run never reaches.
  static func parse(_ text: String, _ subject: any Subject) throws -> SaveTimes {
    let problem = subject.problem
    let times = try parse(text, rate: subject.fastestRate)
    if case .linear(let spacing) = times { try checkSpacing(spacing, text, subject) }
    if case .list(let list) = times,
      let outside = list.first(where: {
        ($0 - problem.initialTime) * problem.direction < 0 || ($0 - problem.finalTime) * problem.direction > 0
      })
    {
      throw UsageError(
        "record asks for t = \(outside), but the run goes from t = \(problem.initialTime) to \(problem.finalTime)"
      )
    }
    return times
  }

  /// Nobody reads more rows, and no memory holds many more.
  private static let mostLinearRows = 1e7

  private static func checkSpacing(_ spacing: Double, _ text: String, _ subject: any Subject) throws {
    let span = abs(subject.problem.finalTime - subject.problem.initialTime)
    // A run that a loss or an event ends lasts for its fastest motion at the least.
    let length = span.isFinite ? span : subject.fastestRate > 0 ? 1 / subject.fastestRate : 0
    guard length / spacing <= mostLinearRows else {
      throw UsageError(
        "record is '\(text)': that is \(Float(length / spacing)) rows or more; at most \(Int(saturating: mostLinearRows)) are kept"
      )
    }
  }

  private static func parse(_ text: String, rate: Double) throws -> SaveTimes {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    let argument = parts.count == 2 ? parts[1] : nil
    switch (parts.first, argument) {
    case ("steps", nil): return .everyStep
    case ("steps", let argument?):
      if let most = Int(argument), (fewestRows...100_000_000).contains(most) { return .steps(atMost: most) }
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
      if !times.isEmpty, times.allSatisfy({ $0?.isFinite == true }) { return .list(times.map { $0! }) }
    default: break
    }
    throw UsageError(
      "record is '\(text)'; it must be geometric:PER_DECADE, linear:SPACING, steps, steps:MOST (MOST at least \(fewestRows)), endpoints or times:T1,T2,..."
    )
  }
}
