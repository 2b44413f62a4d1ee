import Foundation
import ODECore

/// Tells by the failures of an embedded pair that `f` jumps where the solution goes, and how loose a tolerance may be there.
///
/// With a smooth `f` an error falls with the step like the estimate's order, with a jump in the step by the first power at most: an attempt after
/// a failure shows which it is (Gear, Østerby, ACM TOMS 10 (1984) 23-44, doi:10.1145/356068.356071). At loose tolerances steps are so long that a
/// jump between two stages shows in no estimate; once jumps have been seen, the pair goes on with ``careful``.
///
/// Above ``loosest`` steps are in no method's range of convergence, smooth or not: Dormand and Prince's oscillator at 0.1 grows fivefold in
/// ten periods. Pairs work with that instead.
struct JumpWatch {
  /// The loosest relative tolerance that a pair works with.
  static let loosest = 1e-2
  /// The same where `f` jumps.
  static let careful = 1e-3
  /// Of the estimate's order, the share below which what is seen is a jump.
  private static let low = 0.4
  /// Steps with jumps before anything is done, and their share of the accepted steps.
  private static let (fewest, share) = (8, 0.05)

  /// What was asked for.
  private let control: StepControl
  /// Whether jumps hide between the pair's stages; those of a pair of orders 3(2) are too few.
  private let hidesJumps: Bool
  private var earlier = (jumps: 0, accepted: 0)
  /// Where the pair has begun to be careful.
  private var carefulSince: Double?

  init(_ control: StepControl, errorOrder: Int) {
    (self.control, hidesJumps) = (control, errorOrder > 3)
  }

  /// Whether an attempt of `size` with `error` shows a jump, after one that failed.
  static func isJump(
    _ error: Double, _ size: Double, after failed: (error: Double, size: Double), order: Int
  ) -> Bool {
    error.isFinite && size < failed.size
      && error * pow(failed.size / size, low * Double(order)) > failed.error
  }

  /// The tolerances to work with.
  var tolerances: StepControl {
    let loosest = carefulSince == nil ? Self.loosest : Self.careful
    guard control.rtol > loosest else { return control }
    let factor = loosest / control.rtol
    var tight = control
    (tight.rtol, tight.atol) = (loosest, factor * control.atol)
    tight.atols = control.atols.map { $0.map { factor * $0 } }
    return tight
  }

  /// Steps in which a jump was seen, those before a resumption included.
  func total(_ jumps: Int) -> Int { jumps + earlier.jumps }

  /// Takes note of the counts so far, at `t`; returns whether ``tolerances`` have changed.
  mutating func accept(_ t: Double, jumps: Int, accepted: Int) -> Bool {
    guard hidesJumps, carefulSince == nil, control.rtol > Self.careful else { return false }
    guard Self.shows(total(jumps), accepted + earlier.accepted) else { return false }
    carefulSince = t
    return true
  }

  static let memoryCount = 4
  /// What a resumed run goes on with.
  func memory(jumps: Int, accepted: Int) -> [Double] {
    [
      Double(total(jumps)), Double(accepted + earlier.accepted), carefulSince == nil ? 0 : 1,
      carefulSince ?? 0,
    ]
  }

  /// Takes over an earlier run's ``memory(jumps:accepted:)``; returns whether it is one.
  mutating func resume(_ memory: some Collection<Double>) -> Bool {
    let values = Array(memory)
    guard values.count == Self.memoryCount, let jumps = Int(exactly: values[0]),
      let accepted = Int(exactly: values[1]), values[3].isFinite
    else { return false }
    earlier = (jumps, accepted)
    carefulSince = values[2] == 1 ? values[3] : nil
    return true
  }

  /// - Parameters: as in ``accept(_:jumps:accepted:)``.
  func remarks(jumps: Int, accepted: Int) -> [SolutionRemark] {
    var remarks: [SolutionRemark] = []
    if control.rtol > tolerances.rtol {
      let reason =
        carefulSince.map {
          "from t = \($0) on, where steps failed as only jumps of f make them fail: between the stages of longer steps jumps hide"
        } ?? "no pair's error estimate means anything with a looser one"
      remarks.append(
        SolutionRemark(
          name: "tightened", text: "rtol \(control.rtol) was taken as \(tolerances.rtol), \(reason)"))
    }
    let (jumps, accepted) = (total(jumps), accepted + earlier.accepted)
    if Self.shows(jumps, accepted) {
      remarks.append(
        SolutionRemark(
          name: "chattering", count: jumps,
          text:
            "\(jumps) of \(accepted) steps met a jump of f, seen by the order of their failures: errors may be far above the tolerance; compare with a run at a tenth of it (--global-error), locate the jumps by events, or declare their times"
        ))
    }
    return remarks
  }

  private static func shows(_ jumps: Int, _ accepted: Int) -> Bool {
    jumps >= fewest && Double(jumps) > share * Double(accepted)
  }
}
