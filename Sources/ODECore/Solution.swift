/// What an integration gives back.
public struct Solution: Sendable {
  /// How it ended.
  public let returnCode: ReturnCode
  /// One sentence on how it ended; for a failure, what may help.
  public let message: String
  /// See ``IntegratorState/choice``.
  public let choice: String?
  /// See ``IntegratorState/remarks``.
  public let remarks: [SolutionRemark]
  /// The last time reached.
  public let time: Double
  /// `y` there.
  public let state: [Double]
  /// The saved times, first and last included. Empty unless ``IntegrationOptions/keepsStates``.
  public let savedTimes: [Double]
  /// `y` at the saved times.
  public let savedStates: [[Double]]
  /// What the observers recorded, a resumed run's earlier rows included.
  public let record: Record
  /// What each observer said at the end, by its name.
  public let observed: [String: [String: ObservedValue]]
  /// The observers' tables.
  public let tables: [(observer: String, table: ObservedTable)]
  /// Every event located, by time.
  public let crossings: [EventCrossing]
  /// What it cost, earlier parts of a resumed run included.
  public let statistics: Statistics
  /// For going on later; `nil` if the run ended within a step, at a terminal event.
  public let checkpoint: Checkpoint?
}

extension Solution {
  /// What an integration that was stopped at `checkpoint` has so far.
  package init(stoppedAt checkpoint: Checkpoint) {
    self.init(
      returnCode: .interrupted, message: "stopped at t = \(checkpoint.time)", choice: nil, remarks: [],
      time: checkpoint.time, state: checkpoint.state, savedTimes: [], savedStates: [],
      record: checkpoint.record ?? Record(columns: [], values: []), observed: [:], tables: [], crossings: [],
      statistics: checkpoint.statistics, checkpoint: checkpoint)
  }
}
