import ODECore

/// Whether stability, not accuracy, holds the step of an explicit pair: then the problem is stiff, and another method gets farther.
///
/// Every ``interval`` steps `|h| rho` is estimated from stages that are there anyway. Error control lets it rise to the end of the pair's
/// interval of stability and keeps it there, while a step that accuracy holds rarely comes near.
struct StabilityWatch {
  /// Steps from one estimate to the next.
  static let interval = 8
  /// Of the interval of stability, from where on a step counts as held.
  private static let near = 0.75
  /// Estimates before anything is said, and the share of them that must have found the step held.
  private static let (fewest, share) = (25, 0.5)

  private let limit: Double
  private var steps = 0
  private var (looks, held) = (0, 0)

  /// - Parameter stabilityInterval: on the negative real axis.
  init(stabilityInterval: Double) { limit = Self.near * stabilityInterval }

  /// Whether an estimate is wanted after this step.
  mutating func isDue() -> Bool {
    steps += 1
    return steps % Self.interval == 0
  }

  mutating func accept(product: Double) {
    looks += 1
    if product > limit { held += 1 }
  }

  /// What a resumed run goes on with.
  var memory: [Double] { [Double(steps), Double(looks), Double(held)] }

  /// Takes over an earlier run's ``memory``; returns whether it is one.
  mutating func resume(_ memory: some Collection<Double>) -> Bool {
    let counts = memory.compactMap { Int(exactly: $0) }
    guard counts.count == 3, memory.count == 3 else { return false }
    (steps, looks, held) = (counts[0], counts[1], counts[2])
    return true
  }

  var remarks: [SolutionRemark] {
    guard looks >= Self.fewest, Double(held) > Self.share * Double(looks) else { return [] }
    return [
      SolutionRemark(
        name: "heldByStability",
        text:
          "stability, not accuracy, held \(100 * held / looks) % of the steps: the problem is stiff, and auto or an implicit method (radau, cvode-bdf) gets farther with an evaluation"
      )
    ]
  }
}
