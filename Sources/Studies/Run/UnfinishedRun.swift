/// A run that something other than its own end stopped: results that cannot be written, an observer that throws.
public struct UnfinishedRun: Error, CustomStringConvertible {
  /// The error that ended it.
  public let cause: any Error
  /// Where the run was, if its last state is known.
  public let summary: RunSummary?
  /// What there is of it now, and how to go on.
  let remains: String

  public var description: String { "\(cause); \(remains)" }
}
