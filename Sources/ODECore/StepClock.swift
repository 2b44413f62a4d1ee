/// Reads the clock after accepted steps, but after every sixteenth only where steps take microseconds: a reading costs as much as an
/// evaluation of a small system.
struct StepClock {
  private static let most = 16
  /// A step as short as this is of a small system.
  private static let short = Duration.microseconds(20)
  /// Intervals below this are to be kept to the step.
  private static let shortestInterval = Duration.milliseconds(50)

  private let mayWait: Bool
  private var last: ContinuousClock.Instant
  private var (waited, stride) = (0, 1)

  /// - Parameter shortest: of the intervals at which something is due.
  init(from start: ContinuousClock.Instant, shortest: Duration) {
    (last, mayWait) = (start, shortest >= Self.shortestInterval)
  }

  /// The time after an accepted step; `nil` if it is not worth reading.
  mutating func afterStep(_ clock: ContinuousClock) -> ContinuousClock.Instant? {
    waited += 1
    guard waited >= stride else { return nil }
    let now = clock.now
    stride = mayWait && now - last < Self.short * waited ? min(2 * stride, Self.most) : 1
    (last, waited) = (now, 0)
    return now
  }
}
