/// Whether a problem that an explicit pair integrates has turned out to be stiff.
///
/// As in Hairer and Wanner's DOPRI5 (*Solving ODEs II*, IV.2): stiff are fifteen steps with `|h| rho > 3.25`, where
/// Dormand-Prince's interval of stability ends at 3.3, unless six with less come between. DOPRI5 looks at every
/// thousandth step, and at every one once something is suspected; here it is every tenth.
struct StiffnessTest {
  static let threshold = 3.25
  private static let suspicious = 15
  private static let acquitting = 6
  private static let interval = 10

  private var steps = 0
  private var stiff = 0
  private var quiet = 0

  var isStiff: Bool { stiff >= Self.suspicious }

  /// Takes note of an accepted step.
  ///
  /// - Parameter product: `|h| rho` of the step; not asked after every one.
  mutating func accept(_ product: () -> Double?) {
    steps = (steps + 1) % Self.interval
    guard stiff > 0 || steps == 0, let product = product() else { return }
    if product > Self.threshold {
      (stiff, quiet) = (stiff + 1, 0)
    } else {
      quiet += 1
      if quiet >= Self.acquitting { (stiff, quiet) = (0, 0) }
    }
  }

  /// What a restart keeps of it.
  var history: [Double] { [Double(steps), Double(stiff), Double(quiet)] }

  init() {}

  init?(_ history: some Collection<Double>) {
    let counts = history.compactMap(Int.init(exactly:))
    guard counts.count == 3, counts.allSatisfy((0...Self.suspicious).contains) else { return nil }
    (steps, stiff, quiet) = (counts[0], counts[1], counts[2])
  }
}
