/// Enough to go on from the end of an accepted step.
public struct Checkpoint: Sendable {
  /// `t` at the end of an accepted step.
  public let time: Double
  /// `y` there, ``ODESystem/dimension`` elements.
  public let state: [Double]
  /// What the method remembers there.
  public let restart: Restart
  /// The counts from the very start of the run.
  public let statistics: Statistics
  /// The rows so far; `nil`: a resumed run begins an empty record.
  public let record: Record?
  /// What each observer remembers, by its name.
  public let memories: [String: [Double]]

  /// A checkpoint from its parts.
  public init(
    time: Double, state: [Double], restart: Restart, statistics: Statistics, record: Record? = nil,
    memories: [String: [Double]] = [:]
  ) {
    self.time = time
    self.state = state
    self.restart = restart
    self.statistics = statistics
    self.record = record
    self.memories = memories
  }
}
