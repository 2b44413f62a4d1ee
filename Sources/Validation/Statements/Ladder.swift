import Foundation
import StatisticalInference
import Studies

/// The runs at one place of the phase diagram over widths and seeds.
struct Ladder {
  let point: PhasePoint
  /// Ascending in the width.
  let runs: [TrainingRun]

  init(_ point: PhasePoint, _ context: ValidationContext) throws {
    self.point = point
    runs = try context.results(context.ladder(point))
  }

  init(_ point: PhasePoint, runs: [TrainingRun]) {
    self.point = point
    self.runs = runs
  }

  var widths: [Int] { Array(Set(runs.map(\.network.width))).sorted() }
  var isComplete: Bool { runs.allSatisfy(\.isComplete) }

  /// Whether some runs came to rest on a plateau above the stop and others did not: their distances follow different laws.
  var isMixed: Bool { Self.isMixed(runs) }

  static func isMixed(_ runs: [TrainingRun]) -> Bool {
    Set(runs.map { $0.returnCode == .stationary }).count > 1
  }

  static let incompleteReason = "a run did not reach its stop"
  static let mixedReason = "some runs rest on a plateau, others do not"

  /// Those runs that `condition` admits.
  func filter(_ condition: (TrainingRun) throws -> Bool) rethrows -> Ladder {
    Ladder(point, runs: try runs.filter(condition))
  }

  /// The power law of `value` over the width; `nil` with fewer than three widths, or where `value` has no logarithm.
  func fit(_ value: (TrainingRun) -> Double) -> PowerLawFit? {
    guard widths.count >= 3 else { return nil }
    return try? PowerLawFit(x: runs.map { Double($0.network.width) }, y: runs.map(value))
  }

  /// The mean over seeds at each width.
  func means(_ value: (TrainingRun) -> Double) -> (widths: [Double], values: [Double]) {
    let groups = widths.map { width in runs.filter { $0.network.width == width }.map(value) }
    return (widths.map(Double.init), groups.map { $0.reduce(0, +) / Double($0.count) })
  }
}

extension PowerLawFit {
  /// Half the width of the 95 % interval of the exponent; 0 where there is no error.
  var margin: Double { confidenceInterval().map { ($0.upperBound - $0.lowerBound) / 2 } ?? 0 }

  /// `p ± error`, for tables.
  var exponentText: String {
    String(format: "%+.3f", exponent) + (exponentError.map { String(format: " ± %.3f", $0) } ?? "")
  }
}
