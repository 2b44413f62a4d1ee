/// Whether steps fail their error tests so often that `f` cannot be smooth along the solution.
///
/// Where `f` is smooth three steps in four pass. Where it jumps, and most of all where both sides of a jump point at the solution, which then slides
/// along, steps grow on one side and fail at the other. Error estimates rest on a smooth `f`: a jump that falls between two
/// stages may show in none of them.
enum ChatteringTest {
  /// Accepted steps before anything is said, and the failures for each of them.
  private static let (fewest, share) = (100, 0.8)

  static func remark(_ statistics: Statistics) -> SolutionRemark? {
    let (accepted, failed) = (statistics.accepted, statistics.netf)
    guard accepted >= fewest, Double(failed) > share * Double(accepted) else { return nil }
    return SolutionRemark(
      name: "chattering", count: failed,
      text:
        "\(failed) steps failed the error test beside \(accepted) that passed: f jumps where the solution goes, and errors there may be far above the tolerance; compare with a run at a tenth of it (--global-error), locate the jumps by events, or declare their times"
    )
  }
}
