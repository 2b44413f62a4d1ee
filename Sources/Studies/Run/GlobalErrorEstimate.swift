import ODECore

/// The error of a run's end, estimated by a second run at a tenth of the tolerances: the difference of the two.
///
/// Tolerances hold the errors of single steps; what they add up to depends on the problem. Where the global error falls with the tolerance
/// at least like its square root, the second run's is a third of the first one's at most, and the estimate is right within a factor of
/// 1.5. On chaotic problems both runs may be wrong, by as much as they differ.
public struct GlobalErrorEstimate: Encodable, Sendable {
  /// `|y_i - y2_i|`, left out for more than ``SystemFacts/mostComponents``.
  public let components: [Double?]?
  /// The largest `|y_i - y2_i| / |y_i|`, of those that are not zero.
  public let largestRelative: Double?
  /// Whose that is.
  public let component: String
  /// What the second run cost.
  public let nfev: Int
  /// How the second run ended; the numbers are missing unless it was as the first.
  public let returnCode: ReturnCode

  init(_ solution: Solution, _ tighter: Solution, _ problem: ODEProblem) {
    let differences = zip(solution.state, tighter.state).map { abs($0 - $1) }
    let isAlike = solution.returnCode == tighter.returnCode
    components =
      isAlike && differences.count <= SystemFacts.mostComponents ? differences.map(\.finite) : nil
    let relative = zip(differences, solution.state).map { $1 == 0 ? 0 : $0 / abs($1) }
    let place = relative.indices.max { relative[$0] < relative[$1] } ?? 0
    largestRelative = isAlike ? relative[place].finite : nil
    component = problem.componentName(place)
    nfev = tighter.statistics.nfev
    returnCode = tighter.returnCode
  }

  /// For the printed summary.
  public var text: String {
    guard let largestRelative else {
      return "unknown: the run at a tenth of the tolerance ended with \(returnCode.rawValue)"
    }
    return
      "about \(Float(largestRelative)) of \(component), and less of the others, by a run at a tenth of the tolerance"
  }
}
